use super::*;

#[test]
fn the_shipped_policies_prove() {
    for name in Policy::builtin_names() {
        if let Err(error) = Policy::builtin(&name) {
            panic!("{name}: {error}");
        }
    }
}
