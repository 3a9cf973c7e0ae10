//! The published JSON Schemas: valid, described, and of one mind with the readers.
//!
//! An independent validator judges files by the schema. Where the two may differ (order of
//! frequencies, states that exist: what no schema can say) the case says so.

use std::sync::LazyLock;

use auricle::cue::CueSheet;
use auricle::listener::Listener;
use auricle::presets;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

fn listener_schema() -> &'static Validator {
    static SCHEMA: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::options().build(&auricle::listener::schema()).expect("a valid schema"));
    &SCHEMA
}

fn cue_schema() -> &'static Validator {
    static SCHEMA: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::options().build(&auricle::cue::schema()).expect("a valid schema"));
    &SCHEMA
}

/// A TOML file as the JSON that a schema sees; `None` where it is not TOML.
fn json_of(text: &str) -> Option<Value> {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(whole) => whole.into(),
            // JSON has no NaN or infinity; null is no number either.
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(flag) => flag.into(),
            toml::Value::Datetime(at) => at.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(convert).collect(),
            toml::Value::Table(fields) => fields.into_iter().map(|(key, value)| (key, convert(value))).collect(),
        }
    }
    text.parse::<toml::Table>().ok().map(|table| convert(toml::Value::Table(table)))
}

fn reader_accepts_listener(text: &str) -> bool {
    Listener::parse(text, "x").is_ok()
}

fn reader_accepts_sheet(text: &str) -> bool {
    CueSheet::parse(text, "x").is_ok()
}

#[test]
fn schemas_are_valid_schemas() {
    for schema in [auricle::listener::schema(), auricle::cue::schema()] {
        assert!(jsonschema::meta::is_valid(&schema), "{:?}", jsonschema::meta::validate(&schema));
    }
}

/// Every field of every table says what it is, and every default is a value that its field takes.
#[test]
fn every_field_is_described_and_every_default_fits() {
    fn walk(schema: &Value, root: &Value, fields: &mut usize) {
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                if property.get("const").is_none() {
                    let about = property["description"].as_str().unwrap_or("");
                    assert!(about.len() > 5, "{name} is not described");
                    *fields += 1;
                }
                if let Some(default) = property.get("default") {
                    let mut alone = property.clone();
                    alone["$defs"] = root["$defs"].clone();
                    let validator = jsonschema::options().build(&alone).unwrap();
                    assert!(!default.is_null() && validator.is_valid(default), "{name} = {default}");
                }
            }
        }
        match schema {
            Value::Object(inner) => inner.values().for_each(|value| walk(value, root, fields)),
            Value::Array(inner) => inner.iter().for_each(|value| walk(value, root, fields)),
            _ => {}
        }
    }
    for (schema, least) in [(auricle::listener::schema(), 30), (auricle::cue::schema(), 25)] {
        let mut fields = 0;
        walk(&schema, &schema, &mut fields);
        assert!(fields >= least, "{fields}");
    }
}

/// The defaults that the schema states are those that the reader applies.
#[test]
fn defaults_written_out_change_nothing() {
    let sheet = |cue: &str| {
        let text = format!("listener = 'preset:N3'\n[calibration]\n[picture]\nframe_rate = 25\n{cue}");
        let mut sheet = CueSheet::parse(&text, "x").unwrap().0;
        for cue in &mut sheet.cues {
            (cue.line, cue.field_lines) = Default::default();
        }
        sheet.listener_line = 0;
        sheet
    };
    let schema = auricle::cue::schema();
    let default = |pointer: &str| {
        let value = schema.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
        toml::Value::try_from(value).unwrap().to_string()
    };
    let cue = |field: &str| default(&format!("/$defs/cue/properties/{field}/default"));
    let written = format!(
        "[[cue]]\nin = 1\nout = {}\nenter = {}\nleave = {}\ntinnitus = {}",
        cue("out"),
        cue("enter"),
        cue("leave"),
        cue("tinnitus"),
    );
    assert_eq!(sheet(&written), sheet("[[cue]]\nin = 1"));
    let top = |pointer: &str| default(&format!("/{pointer}/default"));
    let written = format!(
        "title = {}\nseed = {}\nlistener = 'preset:N3'\n[calibration]\nfull_scale_db_spl = {}\nfield = {}\n\
         [picture]\nframe_rate = 25\nstart = {}\n[[cue]]\nin = 1",
        top("properties/title"),
        top("properties/seed"),
        top("$defs/calibration/properties/full_scale_db_spl"),
        top("$defs/calibration/properties/field"),
        top("$defs/picture/properties/start"),
    );
    let mut written = CueSheet::parse(&written, "x").unwrap().0;
    for cue in &mut written.cues {
        (cue.line, cue.field_lines) = Default::default();
    }
    written.listener_line = 0;
    assert_eq!(written, sheet("[[cue]]\nin = 1"));
    for (i, shape) in ["cut", "pop"].iter().enumerate() {
        let ms = default(&format!("/$defs/cue/properties/enter/anyOf/1/oneOf/{i}/properties/ms/default"));
        assert_eq!(
            sheet(&format!("[[cue]]\nin = 1\nenter = {{ shape = '{shape}', ms = {ms} }}")),
            sheet(&format!("[[cue]]\nin = 1\nenter = '{shape}'")),
        );
    }

    let schema = auricle::listener::schema();
    let listener =
        |state: &str| Listener::parse(&format!("name = 'x'\n[[state]]\nname = 'a'\n{state}"), "x").unwrap().0;
    let default = |pointer: &str| {
        let value = schema.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
        toml::Value::try_from(value).unwrap().to_string()
    };
    let ear = |field: &str| default(&format!("/$defs/ear/properties/{field}/default"));
    let written =
        format!("left = {{ smearing = {}, temporal_smearing_ms = {} }}", ear("smearing"), ear("temporal_smearing_ms"),);
    assert_eq!(listener(&written), listener(""));
    let tinnitus = "sound = 'tone', frequency_hz = 6000, level_db_sl = 10";
    let cap = default("/$defs/ear/properties/tinnitus/oneOf/0/properties/cap_db_spl/default");
    assert_eq!(
        listener(&format!("left = {{ tinnitus = {{ {tinnitus}, cap_db_spl = {cap} }} }}")),
        listener(&format!("left = {{ tinnitus = {{ {tinnitus} }} }}")),
    );
    let flicker = "kind = 'flicker', mean_on_secs = 1, mean_off_secs = 1";
    let movement =
        |field: &str| default(&format!("/$defs/state/properties/movement/oneOf/2/properties/{field}/default"));
    assert_eq!(
        listener(&format!(
            "movement = {{ {flicker}, slope_ms = {}, depth = {} }}",
            movement("slope_ms"),
            movement("depth")
        )),
        listener(&format!("movement = {{ {flicker} }}")),
    );
}

#[test]
fn every_preset_is_valid_by_the_schema() {
    let schema = listener_schema();
    for name in presets::names() {
        let json = json_of(&presets::get(name).unwrap().to_toml()).unwrap();
        let errors: Vec<String> = schema.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let json = json_of(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert!(schema.is_valid(&json), "{path:?}");
    }
}

/// One value for each field of a listener file, right and wrong.
#[test]
fn reader_and_schema_agree_on_listener_files() {
    let schema = listener_schema();
    let ear = |ear: &str| format!("name = 'x'\n[[state]]\nname = 'a'\nboth = {{ {ear} }}\n");
    let movement = |movement: &str| {
        format!("name = 'x'\n[[state]]\nname = 'a'\n[[state]]\nname = 'b'\nmovement = {{ {movement} }}\n")
    };
    let mut cases: Vec<(bool, String)> = Vec::new();
    for (right, texts) in [
        (
            true,
            &[
                "air = { 250 = 130 }",
                "air = { '437.5' = -20 }",
                "air = { 20 = 1, 20000 = 2 }",
                "air = 'S3'",
                "air = { 250 = 'no response' }",
                "air = { 250 = '> 105' }",
                "air = { 250 = '>105.5' }",
                "bone = { 250 = 1.5 }",
                "dead = [[20, 20000]]",
                "smearing = 8",
                "smearing = 'off'",
                "temporal_smearing_ms = 0",
                "deaf = true",
                "",
                "implant = { strategy = 'ace' }",
                "implant = { strategy = 'ace', maxima = 12, t_levels = 90, c_levels = 180.5, disabled = [1, 22] }",
                "implant = { strategy = 'cis', array = 'flex24', insertion_angle_deg = 380, sound = 'spiral' }",
                "implant = { strategy = 'fine structure', fine_channels = 2, array = [10, 100, 500], processor = 'off' }",
                "implant = { strategy = 'current steering', places = 'matched', months_since_activation = 0.25 }",
                "tinnitus = { sound = 'tone', frequency_hz = 6000, level_db_sl = 10 }",
                "tinnitus = { sound = 'band', frequency_hz = 6000, level_db_sl = 10, bandwidth_octaves = 1 }",
                "tinnitus = { sound = 'noise', frequency_hz = 100, level_db_sl = 0, cap_db_spl = 85 }",
            ][..],
        ),
        (
            false,
            &[
                "air = { 250 = 130.1 }",
                "air = { 250 = -21 }",
                "air = { 250 = nan }",
                "air = { 250 = inf }",
                "air = {}",
                "air = { 19 = 1 }",
                "air = { 20001 = 1 }",
                "air = { '20000.5' = 1 }",
                "air = { 0250 = 1 }",
                "air = { 2e3 = 1 }",
                "air = { x = 1 }",
                "air = { 437.5 = 1 }",
                "air = { 250 = 'none' }",
                "air = { 250 = '105' }",
                "air = { 250 = '>' }",
                "air = 's3'",
                "air = ''",
                "air = []",
                "air = true",
                "bone = 'N3'",
                "bone = {}",
                "dead = []",
                "dead = [[1, 2]]",
                "dead = [[100]]",
                "dead = [[100, 200, 300]]",
                "dead = [100, 200]",
                "dead = { from = 1 }",
                "smearing = 0.9",
                "smearing = 9",
                "smearing = 'on'",
                "smearing = true",
                "temporal_smearing_ms = -1",
                "temporal_smearing_ms = 201",
                "temporal_smearing_ms = '3'",
                "deaf = 1",
                "implant = {}",
                "implant = { strategy = 'aces' }",
                "implant = { strategy = 'cis', maxima = 8 }",
                "implant = { strategy = 'ace', t_levels = 300 }",
                "implant = { strategy = 'ace', c_levels = [] }",
                "implant = { strategy = 'ace', disabled = [0] }",
                "implant = { strategy = 'ace', array = 'contour' }",
                "implant = { strategy = 'fine structure', fine_channels = 5 }",
                "implant = { strategy = 'ace', processor = true }",
                "deaf = 'yes'",
                "volume = 3",
                "tinnitus = {}",
                "tinnitus = 'tone'",
                "tinnitus = { sound = 'tone' }",
                "tinnitus = { sound = 'hum', frequency_hz = 6000, level_db_sl = 10 }",
                "tinnitus = { sound = 'tone', frequency_hz = 6000, level_db_sl = 10, bandwidth_octaves = 1 }",
                "tinnitus = { sound = 'band', frequency_hz = 6000, level_db_sl = 10 }",
                "tinnitus = { sound = 'tone', frequency_hz = 99, level_db_sl = 10 }",
                "tinnitus = { sound = 'tone', frequency_hz = 6000, level_db_sl = 31 }",
                "tinnitus = { sound = 'tone', frequency_hz = 6000, level_db_sl = 10, cap_db_spl = 86 }",
            ][..],
        ),
    ] {
        cases.extend(texts.iter().map(|text| (right, ear(text))));
    }
    for (right, texts) in [
        (
            true,
            &[
                "kind = 'instant'",
                "kind = 'ramp'",
                "kind = 'ramp', from = 'a', secs = 10",
                "kind = 'flicker', from = 'a', mean_on_secs = 1, mean_off_secs = 2, slope_ms = 5, depth = 0.5",
                "kind = 'decline', from_age_years = 20, to_age_years = 60, sex = 'female'",
                "kind = 'decline', from_age_years = 20, to_age_years = 60, sex = 'male', secs = 4, exposure = { level_ex_8h_db = 90, years_before = 1 }",
            ][..],
        ),
        (
            false,
            &[
                "",
                "kind = 3",
                "kind = 'still'",
                "kind = 'instant', secs = 1",
                "kind = 'ramp', depth = 1",
                "kind = 'ramp', secs = 0",
                "kind = 'ramp', from = ''",
                "kind = 'flicker'",
                "kind = 'flicker', mean_on_secs = 0, mean_off_secs = 1",
                "kind = 'flicker', mean_on_secs = 1, mean_off_secs = 1, depth = 1.1",
                "kind = 'flicker', mean_on_secs = 1, mean_off_secs = 1, slope_ms = 0",
                "kind = 'decline', from_age_years = 20, to_age_years = 60",
                "kind = 'decline', from_age_years = 20, to_age_years = 121, sex = 'male'",
                "kind = 'decline', from_age_years = 20, to_age_years = 60, sex = 'x'",
                "kind = 'decline', from_age_years = 20, to_age_years = 60, sex = 'male', exposure = {}",
                "kind = 'decline', from_age_years = 20, to_age_years = 60, sex = 'male', exposure = { level_ex_8h_db = 121 }",
                "kind = 'decline', from_age_years = 20, to_age_years = 60, sex = 'male', exposure = { level_ex_8h_db = 90, years = 1 }",
            ][..],
        ),
    ] {
        cases.extend(texts.iter().map(|text| (right, movement(text))));
    }
    let state = "[[state]]\nname = 'a'\n";
    for (right, text) in [
        (true, format!("name = 'x'\n{state}about = 'b'\ncaption = 'c'")),
        (
            true,
            format!(
                "name = 'x'\n[card]\nsummary = 's'\nmodelled = ['m']\nnot_modelled = []\nevidence = ['e']\n{state}"
            ),
        ),
        (true, format!("name = '日本'\n{state}left = {{}}\nright = {{}}")),
        (false, String::new()),
        (false, "name = 'x'".to_owned()),
        (false, "name = 'x'\nstate = []".to_owned()),
        (false, "name = 'x'\nstate = {}".to_owned()),
        (false, "name = 'x'\n[[state]]".to_owned()),
        (false, state.to_owned()),
        (false, format!("name = ''\n{state}")),
        (false, format!("name = '   '\n{state}")),
        (false, format!("name = \"a\\tb\"\n{state}")),
        (false, format!("name = \"a\\u0085b\"\n{state}")),
        (false, format!("name = '{}'\n{state}", "é".repeat(101))),
        (true, format!("name = '{}'\n{state}", "é".repeat(100))),
        (false, format!("name = 3\n{state}")),
        (false, format!("name = 'x'\nage = 3\n{state}")),
        (false, format!("name = 'x'\n{state}caption = ''")),
        (false, format!("name = 'x'\n{state}mood = ''")),
        (false, format!("name = 'x'\n{state}left = {{}}\nboth = {{}}")),
        (false, format!("name = 'x'\n{state}both = {{}}\nright = {{}}")),
        (false, format!("name = 'x'\n{state}left = 3")),
        (false, format!("name = 'x'\n[card]\nevidence = 'e'\n{state}")),
        (false, format!("name = 'x'\n[card]\nevidence = ['']\n{state}")),
        (false, format!("name = 'x'\n[card]\nauthor = 'e'\n{state}")),
        (false, format!("name = 'x'\ncard = []\n{state}")),
    ] {
        cases.push((right, text));
    }
    for (right, text) in &cases {
        assert_eq!(reader_accepts_listener(text), *right, "reader: {text}\n{:?}", Listener::parse(text, "x").err());
        let json = json_of(text).unwrap_or_else(|| panic!("not TOML: {text}"));
        assert_eq!(schema.is_valid(&json), *right, "schema: {text}");
    }
}

#[test]
fn reader_and_schema_agree_on_cue_sheets() {
    let schema = cue_schema();
    let mut cases: Vec<(bool, String)> = Vec::new();
    let cue = |cue: &str| format!("listener = 'preset:N3'\n[picture]\nframe_rate = 25\n[[cue]]\n{cue}\n");
    for (right, texts) in [
        (
            true,
            &[
                "in = 0",
                "in = 1.5",
                "in = '00:00:01:00'",
                "in = '01:02.5'",
                "in = '1:01:02.123456789'",
                "in = '12.5 s'",
                "in = '12s'",
                "in = '300 f'",
                "in = '2 min'",
                "in = '250 ms'",
                "in = 00:00:01",
                "in = 00:00:01.5",
                "in = 1\nout = 'end'",
                "in = 1\nout = '5 s'",
                "in = 1\nstate = 'N3'",
                "in = 1\nlistener = 'a/b.toml'",
                "in = 1\nenter = 'pop'\nout = 9",
                "in = 1\nenter = { shape = 'cut', ms = 10, lead_frames = 3 }",
                "in = 1\nleave = { shape = 'drift', secs = 3600 }",
                "in = 1\nleave = { shape = 'pop', lag_ms = 0.5 }",
                "in = 1\nbleed_db = 0",
                "in = 1\nbleed_db = -80",
                "in = 1\ncaption = ''",
                "in = 1\ntinnitus = true",
            ][..],
        ),
        (
            false,
            &[
                "",
                "out = 1",
                "in = -1",
                "in = 3600001",
                "in = nan",
                "in = 'end'",
                "in = '12'",
                "in = '12.5'",
                "in = '12,5 s'",
                "in = ''",
                "in = '1:2'",
                "in = '00:00:00:0'",
                "in = '1.5 f'",
                "in = '-1 s'",
                "in = '12 h'",
                "in = true",
                "in = []",
                "in = 2020-01-01",
                "in = 1\nout = 'later'",
                "in = 1\nstate = ''",
                "in = 1\nstate = 3",
                "in = 1\nlistener = ''",
                "in = 1\nenter = 'fade'",
                "in = 1\nenter = 3",
                "in = 1\nenter = {}",
                "in = 1\nenter = { shape = 'cut', ms = 0.5 }",
                "in = 1\nenter = { shape = 'pop', ms = 151 }",
                "in = 1\nenter = { shape = 'cut', secs = 1 }",
                "in = 1\nenter = { shape = 'drift', ms = 149 }",
                "in = 1\nenter = { shape = 'drift', ms = 500, secs = 1 }",
                "in = 1\nenter = { shape = 'cut', lead_ms = 1, lead_frames = 1 }",
                "in = 1\nenter = { shape = 'cut', lead_frames = 1.5 }",
                "in = 1\nenter = { shape = 'cut', lead_frames = -1 }",
                "in = 1\nenter = { shape = 'cut', lead_ms = 10001 }",
                "in = 1\nbleed_db = 1",
                "in = 1\nbleed_db = '-30'",
                "in = 1\ncaption = \"a\\nb\"",
                "in = 1\ntinnitus = 'yes'",
                "in = 1\nbody = true",
            ][..],
        ),
    ] {
        cases.extend(texts.iter().map(|text| (right, cue(text))));
    }
    let top = |top: &str| format!("listener = 'preset:N3'\n{top}\n[[cue]]\nin = 1\n");
    for (right, texts) in [
        (
            true,
            &[
                "",
                "title = ''",
                "seed = 0",
                "seed = 9223372036854775807",
                "[calibration]",
                "[calibration]\nfull_scale_db_spl = 60",
                "[calibration]\nfield = 'diffuse'",
                "[picture]\nframe_rate = 25",
                "[picture]\nframe_rate = 23.976",
                "[picture]\nframe_rate = '30000/1001 drop'\nstart = '00:00:00;00'",
                "[picture]\nframe_rate = '25.0'",
            ][..],
        ),
        (
            false,
            &[
                "title = 3",
                "seed = -1",
                "seed = 1.5",
                "seed = '1'",
                "speed = 1",
                "calibration = 100",
                "[calibration]\nfull_scale_db_spl = 59",
                "[calibration]\nfield = 'near'",
                "[calibration]\ngain = 1",
                "[picture]",
                "[picture]\nframe_rate = 0",
                "[picture]\nframe_rate = 1001",
                "[picture]\nframe_rate = '25fps'",
                "[picture]\nframe_rate = ''",
                "[picture]\nframe_rate = '0'",
                "[picture]\nframe_rate = true",
                "[picture]\nframe_rate = 25\nstart = '0:00'",
                "[picture]\nframe_rate = 25\nstart = 3",
                "[picture]\nframe_rate = 25\nend = 3",
                "listeners = []",
            ][..],
        ),
    ] {
        cases.extend(texts.iter().map(|text| (right, top(text))));
    }
    cases.push((false, "listener = 'preset:N3'".to_owned()));
    cases.push((false, "listener = 'preset:N3'\ncue = []".to_owned()));
    cases.push((false, "listener = 'preset:N3'\n[cue]\nin = 1".to_owned()));
    for (right, text) in &cases {
        assert_eq!(reader_accepts_sheet(text), *right, "reader: {text}\n{:?}", CueSheet::parse(text, "x").err());
        let json = json_of(text).unwrap_or_else(|| panic!("not TOML: {text}"));
        assert_eq!(schema.is_valid(&json), *right, "schema: {text}");
    }
}

/// What the reader takes, the schema takes: it may never mark a file that renders.
fn assert_schema_takes(schema: &Validator, text: &str) -> Result<(), TestCaseError> {
    let json = json_of(text).unwrap_or(json!(null));
    prop_assert!(schema.is_valid(&json), "{}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn times_that_are_read_fit_the_schema(time in "[0-9]{1,3}[:;. ]?[0-9]{0,3}[:;.]?[0-9]{0,3}[:;. ]?[0-9]{0,3} ?(s|ms|f|min)?") {
        let text = format!("listener = 'preset:N3'\n[picture]\nframe_rate = '29.97 drop'\n[[cue]]\nin = '{time}'\n");
        if reader_accepts_sheet(&text) {
            assert_schema_takes(cue_schema(), &text)?;
        }
    }

    #[test]
    fn rates_that_are_read_fit_the_schema(rate in "[0-9]{1,6}[/.]?[0-9]{0,4}( drop)?") {
        let text = format!("listener = 'preset:N3'\n[picture]\nframe_rate = '{rate}'\n[[cue]]\nin = 1\n");
        if reader_accepts_sheet(&text) {
            assert_schema_takes(cue_schema(), &text)?;
        }
    }

    #[test]
    fn frequencies_and_limits_are_read_as_the_schema_says(hz in "[0-9]{1,5}(\\.[0-9]{1,3})?", limit in "(> ?)?-?[0-9]{0,4}(\\.[0-9]{0,3})?") {
        let schema = listener_schema();
        let text = format!("name = 'x'\n[[state]]\nname = 'a'\nboth = {{ air = {{ '{hz}' = 3 }} }}\n");
        prop_assert_eq!(reader_accepts_listener(&text), schema.is_valid(&json_of(&text).unwrap()), "{}", text);
        let text = format!("name = 'x'\n[[state]]\nname = 'a'\nboth = {{ air = {{ 250 = '{limit}' }} }}\n");
        if reader_accepts_listener(&text) {
            assert_schema_takes(schema, &text)?;
        }
    }
}
