//! What editions take differently, as the attributes of a function that is not made by a macro.

use altlocks::circuit_breaker;

use super::Error;

/// Before the edition 2018 this is no keyword; here it is an argument all the same.
#[circuit_breaker(name = "editions")]
async fn raw(r#try: u8, dyn_: &(dyn Fn(u8) -> u8 + Sync)) -> Result<u8, Error> {
    Ok(dyn_(r#try))
}

/// In the edition 2021 a closure takes fields apart, and keeps the rest free.
#[circuit_breaker(name = "editions")]
async fn captures(mut pair: (Vec<u8>, Vec<u8>)) -> Result<usize, Error> {
    let first = &mut pair.0;
    let push = || first.push(1);
    let mut push = push;
    push();
    Ok([&pair.0, &pair.1].iter().map(|half| half.len()).sum())
}

/// In the edition 2024 a temporary of the tail dies first, and `impl Trait` captures every lifetime.
#[circuit_breaker(name = "editions")]
async fn temporaries(text: &str) -> Result<impl Iterator<Item = char> + '_, Error> {
    let cell = std::cell::RefCell::new(text);
    let text = *cell.borrow();
    Ok(text.chars())
}

#[tokio::test]
async fn editions_make_no_difference() {
    assert_eq!(raw(1, &|n| n + 1).await, Ok(2));
    assert_eq!(captures((vec![1], vec![2])).await, Ok(3));
    assert_eq!(temporaries("abc").await.map(Iterator::count), Ok(3));
}
