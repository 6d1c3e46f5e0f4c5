//! What the compiler says to misuse. A folder an attribute, a file a mistake; `TRYBUILD=overwrite` takes down new words.

#[test]
fn every_mistake_is_told_at_its_place_in_our_words() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*/*.rs");
    cases.pass("pass/*.rs");
}
