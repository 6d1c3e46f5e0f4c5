//! What compiles, and is remarked upon.

#![warn(clippy::pedantic)]
#![allow(dead_code)]
// Lost by nature, and shown by one function below: the expansion awaits.
#![allow(clippy::unused_async)]

use crate::attribute::{Error, protect};

#[protect(name = "t")]
pub(crate) async fn unused_variable(unused: u8) -> Result<u8, Error> {
    let forgotten = 3;
    Ok(1)
}

#[protect(name = "t")]
pub(crate) async fn unused_mut() -> Result<u8, Error> {
    let mut number = 3;
    Ok(number)
}

#[warn(dead_code)]
#[protect(name = "t")]
async fn never_called() -> Result<u8, Error> {
    Ok(1)
}

#[protect(name = "t")]
pub(crate) async fn unused_result(text: &str) -> Result<u8, Error> {
    text.parse::<u8>();
    Ok(1)
}

#[protect(name = "t")]
pub(crate) async fn unreachable() -> Result<u8, Error> {
    return Ok(1);
    Ok(2)
}

#[protect(name = "t")]
pub(crate) async fn unreachable_pattern(value: u8) -> Result<u8, Error> {
    match value {
        _ => Ok(1),
        0 => Ok(2),
    }
}

#[protect(name = "t")]
pub(crate) async fn unused_assignment() -> Result<u8, Error> {
    let mut number = 1;
    number = 2;
    Ok(number)
}

#[protect(name = "t")]
pub(crate) async fn unused_parentheses(value: u8) -> Result<u8, Error> {
    if (value == 1) {
        return Ok(2);
    }
    Ok((value))
}

#[protect(name = "t")]
pub(crate) async fn needless_return(value: u8) -> Result<u8, Error> {
    return Ok(value);
}

#[protect(name = "t")]
pub(crate) async fn let_and_return(value: u8) -> Result<u8, Error> {
    let result = Ok(value + 1);
    result
}

#[protect(name = "t")]
pub(crate) async fn needless_borrow(text: &str) -> Result<usize, Error> {
    Ok(len(&text))
}

fn len(text: &str) -> usize {
    text.len()
}

#[protect(name = "t")]
pub(crate) async fn length_compared(all: &[u8]) -> Result<bool, Error> {
    Ok(all.len() == 0)
}

#[protect(name = "t")]
pub(crate) async fn single_match(value: Option<u8>) -> Result<u8, Error> {
    match value {
        Some(value) => return Ok(value),
        _ => {}
    }
    Ok(0)
}

#[protect(name = "t")]
pub(crate) async fn clone_on_copy(value: u8) -> Result<u8, Error> {
    Ok(value.clone())
}

#[protect(name = "t")]
pub(crate) async fn question_mark_needless(value: Result<u8, Error>) -> Result<u8, Error> {
    Ok(value?)
}

#[protect(name = "t")]
pub(crate) async fn lossy_cast(value: u64) -> Result<u8, Error> {
    Ok(value as u8)
}

#[protect(name = "t")]
pub(crate) async fn items_after_statements(value: u8) -> Result<u8, Error> {
    let number = value;
    const ONE: u8 = 1;
    Ok(number + ONE)
}

#[protect(name = "t")]
pub(crate) async fn items_before_statements(value: u8) -> Result<u8, Error> {
    const ONE: u8 = 1;
    Ok(value + ONE)
}

#[protect(name = "t")]
pub(crate) async fn format_not_inlined(value: u8) -> Result<String, Error> {
    Ok(format!("{}", value))
}

#[protect(name = "t")]
pub(crate) async fn lock_over_await(lock: &std::sync::Mutex<u8>) -> Result<u8, Error> {
    let guard = lock.lock().unwrap();
    tokio::task::yield_now().await;
    Ok(*guard)
}

#[warn(clippy::unused_async)]
#[protect(name = "t")]
pub(crate) async fn no_await_at_all() -> Result<u8, Error> {
    Ok(1)
}

#[protect(name = "t")]
pub(crate) async fn on_one_line() -> Result<u8, Error> {
    Ok(1)
}

#[protect(name = "t")]
pub(crate) async fn needless_pass_by_value(text: String) -> Result<usize, Error> {
    Ok(text.len())
}

#[deprecated]
fn old() -> u8 {
    1
}

#[protect(name = "t")]
pub(crate) async fn deprecated() -> Result<u8, Error> {
    Ok(old())
}
