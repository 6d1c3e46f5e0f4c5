//! Errors of ownership, borrows, lifetimes and threads.

#![allow(dead_code)]

use crate::attribute::{Error, protect};

#[protect(name = "t")]
async fn use_after_move(text: String) -> Result<usize, Error> {
    drop(text);
    Ok(text.len())
}

#[protect(name = "t")]
async fn two_unique_borrows() -> Result<usize, Error> {
    let mut all = vec![1];
    let first = &mut all;
    let second = &mut all;
    first.push(1);
    second.push(2);
    Ok(all.len())
}

#[protect(name = "t")]
async fn change_of_what_is_borrowed() -> Result<i32, Error> {
    let mut all = vec![1];
    let first = &all[0];
    all.push(2);
    Ok(*first)
}

#[protect(name = "t")]
async fn immutable_argument(all: Vec<u8>) -> Result<usize, Error> {
    all.push(1);
    Ok(all.len())
}

#[protect(name = "t")]
async fn immutable_local() -> Result<u8, Error> {
    let number = 1;
    number += 1;
    Ok(number)
}

#[protect(name = "t")]
async fn move_out_of_a_reference(text: &Vec<String>) -> Result<String, Error> {
    Ok(text[0])
}

#[protect(name = "t")]
async fn moved_in_a_loop(text: String) -> Result<(), Error> {
    for _ in 0..2 {
        drop(text);
    }
    Ok(())
}

#[protect(name = "t")]
async fn maybe_uninitialised(set: bool) -> Result<u8, Error> {
    let number;
    if set {
        number = 1;
    }
    Ok(number)
}

#[protect(name = "t")]
async fn reference_to_a_local() -> Result<&'static str, Error> {
    let text = String::new();
    Ok(text.as_str())
}

struct Client(Vec<u8>);

impl Client {
    #[protect(name = "t")]
    async fn change_behind_a_shared_reference(&self) -> Result<(), Error> {
        self.0.push(1);
        Ok(())
    }
}
