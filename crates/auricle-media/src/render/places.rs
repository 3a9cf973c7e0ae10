//! Where in its line a fault stands that is known by its line and field only.

use auricle::fault::Faults;

/// Gives every fault of `text` that has a line and no column the column of its field's value, or that
/// of the line's first word where the line is not the field's own.
pub(super) fn complete(faults: &mut Faults, text: &str) {
    let lines: Vec<&str> = text.lines().collect();
    for fault in faults.0.iter_mut().filter(|fault| fault.column.is_none()) {
        let Some(line) = fault.line.and_then(|line| lines.get(line.checked_sub(1)?)) else { continue };
        let field = fault.field.rsplit('.').next().unwrap_or("");
        fault.column = Some(column(line, field));
    }
}

/// The column of the value of `field`, or of the first word, in characters from 1.
fn column(line: &str, field: &str) -> usize {
    let first = line.trim_start();
    let value = first.strip_prefix(field).filter(|_| !field.is_empty());
    let value = value.and_then(|rest| rest.trim_start().strip_prefix('=')).map(str::trim_start);
    let place = value.filter(|value| !value.is_empty()).unwrap_or(first);
    line.chars().count() - place.chars().count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_behind_its_fields_name() {
        assert_eq!(column("  state = \"colapse\"", "state"), 11);
        assert_eq!(column("\u{e9}tat = 1", "\u{e9}tat"), 8);
        assert_eq!(column("  [[cue]]", "state"), 3);
        assert_eq!(column("states = 1", "state"), 1);
        assert_eq!(column("", "state"), 1);
    }
}
