//! The expansion that the docs show is the one that is made.

use proc_macro2::{TokenStream, TokenTree};

use crate::expand::{Kind, attribute};

/// The crate docs of `altlocks`.
fn docs() -> String {
    let source = include_str!("../../altlocks/src/lib.rs");
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).fold(String::new(), |docs, line| docs + line + "\n")
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

#[test]
fn the_docs_show_the_expansion_of_their_first_example() {
    let example = block("#[circuit_breaker(max_fails");
    let args = between(&example, "#[circuit_breaker(", ")]\n");
    let function = between(&example, ")]\n", "\n}\n").to_owned() + "\n}";
    let expanded = attribute(Kind::CircuitBreaker, parsed(args), parsed(&function)).to_string();
    let expanded = expanded.replace(":: altlocks :: __private ::", "");
    assert_eq!(tokens(parsed(&expanded)), tokens(parsed(&block("enrol!"))));
}
