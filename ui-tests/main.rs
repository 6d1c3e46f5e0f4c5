//! What the compiler says to misuse. A folder an attribute, a file a mistake; `TRYBUILD=overwrite` takes down new words.

#[test]
fn every_mistake_is_told_at_its_place_in_our_words() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*/*.rs");
    cases.pass("pass/*.rs");
}

/// Cases that make more than one mistake.
const SEVERAL: [&str; 5] =
    ["several_mistakes", "wrong_constant", "wrong_static", "argument_of_another_library", "empty_name_by_macro"];

#[test]
fn one_mistake_is_one_error_and_none_speaks_of_the_macro() {
    let words = |folder: &str| std::fs::read_dir(format!("fail/{folder}")).unwrap();
    let mut cases = 0;
    for entry in ["circuit_breaker", "resource_guard", "throttle"].into_iter().flat_map(words) {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "stderr") {
            continue;
        }
        cases += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let errors = text.lines().filter(|line| line.starts_with("error")).count();
        let several = SEVERAL.iter().any(|name| path.file_stem().is_some_and(|stem| stem == *name));
        assert_eq!(errors > 1, several, "{}: {errors} errors", path.display());
        assert!(!text.contains("originates in the attribute macro"), "{}", path.display());
    }
    assert!(cases > 90, "{cases}");
}
