use super::*;

fn contour(insertion_angle_deg: Option<f64>, dead: &[DeadRegion]) -> Placement {
    Placement::new(&Array::ContourAdvance, insertion_angle_deg, dead).expect("a usual array")
}

/// The filterbank's 23 band edges at 16 kHz, turned to geometric centres of electrodes from base to apex.
fn ace_band_hz() -> Vec<f64> {
    let edges = [
        188.0, 313.0, 438.0, 563.0, 688.0, 813.0, 938.0, 1063.0, 1188.0, 1313.0, 1563.0, 1813.0, 2063.0, 2313.0,
        2688.0, 3063.0, 3563.0, 4063.0, 4688.0, 5313.0, 6063.0, 6938.0, 7938.0,
    ];
    edges.windows(2).map(|edge| f64::sqrt(edge[0] * edge[1])).rev().collect()
}

#[test]
fn the_contour_s_mismatch_is_the_published_one() {
    let mismatch = contour(None, &[]).mismatch_octaves(&ace_band_hz());
    let apex = mismatch[mismatch.len() - 1];
    assert!((apex - 1.56).abs() < 0.02, "{apex} octaves at the apex");
    for (i, octaves) in mismatch.iter().enumerate().take(20) {
        assert!((0.65..1.15).contains(octaves), "electrode {}: {octaves} octaves", i + 1);
    }
}

#[test]
fn deeper_insertion_lowers_every_place() {
    let (shallow, deep) = (contour(Some(300.0), &[]), contour(Some(450.0), &[]));
    assert!((shallow.angle_deg[21] - 300.0).abs() < 1e-9 && (deep.angle_deg[21] - 450.0).abs() < 1e-9);
    assert!((deep.place_hz[21] / 550.0 - 1.0).abs() < 1e-9, "450 degrees stand in the map's table");
    assert!(shallow.place_hz.iter().zip(&deep.place_hz).all(|(shallow, deep)| shallow > deep));
    assert_eq!(shallow.along_mm, deep.along_mm, "the array itself is not stretched");
}

#[test]
fn an_electrode_in_a_dead_region_is_heard_beside_it() {
    let dead = [DeadRegion { from_hz: 2_000.0, to_hz: 4_000.0 }, DeadRegion { from_hz: 3_500.0, to_hz: 5_000.0 }];
    let placed = contour(None, &dead);
    for (place_hz, heard_hz) in placed.place_hz.iter().zip(&placed.heard_hz) {
        let heard_hz = heard_hz.expect("something lives");
        if (2_000.0..5_000.0).contains(place_hz) {
            let nearer = if depth_mm(2_000.0) - depth_mm(*place_hz) < depth_mm(*place_hz) - depth_mm(5_000.0) {
                2_000.0
            } else {
                5_000.0
            };
            assert_eq!(heard_hz, nearer, "{place_hz} Hz");
        } else {
            assert_eq!(heard_hz, *place_hz);
        }
    }
    let whole = contour(None, &[]).effective_channels(2.8, &[]);
    let fewer = placed.effective_channels(2.8, &[]);
    assert!((whole - 8.57).abs() < 0.01 && fewer < whole - 1.0, "{whole} channels, {fewer} with a dead region");
    // To the base nothing survives: only the edge towards the apex is left.
    let basal = contour(None, &[DeadRegion { from_hz: 3_000.0, to_hz: 30_000.0 }]);
    assert_eq!(basal.heard_hz[0], Some(3_000.0));
    let none = contour(None, &[DeadRegion { from_hz: 0.0, to_hz: 30_000.0 }]);
    assert!(none.heard_hz.iter().all(Option::is_none));
    assert_eq!(none.effective_channels(2.8, &[]), 0.0);
}

#[test]
fn disabled_electrodes_are_not_counted() {
    let placed = contour(None, &[]);
    let all: Vec<u8> = (1..=22).collect();
    assert!((placed.effective_channels(f64::INFINITY, &all[..12]) - 10.0).abs() < 1e-9);
    assert_eq!(placed.effective_channels(2.8, &all), 0.0);
}

#[test]
fn what_cannot_be_is_refused() {
    use PlacementError::{Angle, Contacts, Insertion};
    let angles = |angles: &[f64]| Placement::new(&Array::Angles(angles.to_vec()), None, &[]);
    assert_eq!(angles(&[]), Err(Contacts(0)));
    assert_eq!(angles(&[1.0; 65]), Err(Contacts(65)));
    assert_eq!(angles(&[10.0, 10.0]), Err(Angle { contact: 2, angle_deg: 10.0 }));
    assert!(matches!(angles(&[10.0, f64::NAN]), Err(Angle { contact: 2, .. })));
    assert!(matches!(angles(&[10.0, 991.0]), Err(Angle { contact: 2, .. })));
    for insertion in [0.0, -10.0, 991.0, f64::INFINITY] {
        let refused = Placement::new(&Array::ContourAdvance, Some(insertion), &[]);
        assert_eq!(refused, Err(Insertion(insertion)));
    }
    let only = angles(&[200.0]).expect("one contact is an array");
    assert_eq!(only.along_mm, [0.0]);
    assert!((only.effective_channels(2.8, &[]) - 1.0).abs() < 1e-9);
}
