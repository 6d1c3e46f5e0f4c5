//! The expansion that the docs show is the one that is made.

use proc_macro2::{TokenStream, TokenTree};

use crate::expand::{Kind, attribute};

/// The code of the crate docs of `altlocks`, as far as it is shown here: the first example, and the page on the expansion.
fn docs() -> String {
    let start = include_str!("../../altlocks/src/lib.rs").lines().map_while(|line| line.strip_prefix("//!"));
    let start = start.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n");
    start + "\n" + include_str!("../../altlocks/src/expansion.md")
}

/// The first code block with `part` in it.
fn block(part: &str) -> String {
    let docs = docs();
    let block = docs.split("```").skip(1).step_by(2).find(|block| block.contains(part)).expect("it is shown");
    block.split_once('\n').expect("a block has lines").1.to_owned()
}

/// What stands from `from` up to `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).expect("the beginning is shown").1;
    rest.split_once(to).expect("the end is shown").0
}

/// The tokens with the groups they stand in.
fn tokens(code: TokenStream) -> Vec<String> {
    code.into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) => {
                let delimiter = format!("{:?}", group.delimiter());
                let inside = tokens(group.stream());
                [vec![format!("{delimiter}(")], inside, vec![format!("{delimiter})")]].concat()
            }
            other => vec![other.to_string()],
        })
        .collect()
}

fn parsed(code: &str) -> TokenStream {
    code.parse().expect("the page shows code")
}

/// Expands the function that stands under the attribute which begins with `attribute_of`, in the block with it, and
/// compares it with the block that has `shown` in it.
fn compare(attribute_of: &str, shown: &str) {
    let example = block(attribute_of);
    let args = between(&example, "#[circuit_breaker(", ")]");
    let function = between(&example, args, "\n}\n").trim_start_matches(")]").to_owned() + "\n}";
    let expanded = attribute(Kind::CircuitBreaker, parsed(args), parsed(&function)).to_string();
    let expanded = expanded.replace(":: altlocks :: __private ::", "");
    assert_eq!(tokens(parsed(&expanded)), tokens(parsed(&block(shown))));
}

#[test]
fn the_docs_show_the_expansion_of_their_first_example() {
    compare("#[circuit_breaker(max_fails", "let breaker_0 = Fixed({");
}

#[test]
fn the_docs_show_the_expansion_of_stacked_attributes() {
    compare("#[throttle(throttle = PACE)]", "let pass_1");
}
