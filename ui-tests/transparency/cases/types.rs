//! Errors of names and types.

#![allow(dead_code)]

use crate::attribute::{Error, protect};

#[protect(name = "t")]
async fn tail_of_wrong_type() -> Result<u32, Error> {
    Ok("text")
}

#[protect(name = "t")]
async fn tail_of_another_type() -> Result<u32, Error> {
    7
}

#[protect(name = "t")]
async fn no_tail() -> Result<u32, Error> {
    let _number = 3;
}

#[protect(name = "t")]
async fn empty() -> Result<u32, Error> {}

#[protect(name = "t")]
async fn semicolon_at_the_end() -> Result<u32, Error> {
    Ok(3);
}

#[protect(name = "t")]
async fn return_of_wrong_type(early: bool) -> Result<u32, Error> {
    if early {
        return "early";
    }
    Ok(1)
}

#[protect(name = "t")]
async fn question_mark_on_another_error(text: &str) -> Result<f64, Error> {
    Ok(text.parse::<f64>()?)
}

#[protect(name = "t")]
async fn question_mark_on_an_option(value: Option<u32>) -> Result<u32, Error> {
    Ok(value?)
}

#[protect(name = "t")]
async fn unknown_name() -> Result<u32, Error> {
    Ok(nobody)
}

#[protect(name = "t")]
async fn unknown_method(text: String) -> Result<usize, Error> {
    Ok(text.length())
}

#[protect(name = "t")]
async fn unknown_field(pair: (u8, u8)) -> Result<u8, Error> {
    Ok(pair.2)
}

#[protect(name = "t")]
async fn too_few_arguments() -> Result<String, Error> {
    Ok(String::from_utf8_lossy().into_owned())
}

#[protect(name = "t")]
async fn arms_of_two_types(value: u8) -> Result<u32, Error> {
    Ok(match value {
        0 => 1,
        _ => "many",
    })
}

#[protect(name = "t")]
async fn if_without_else(value: u8) -> Result<u32, Error> {
    let number: u32 = if value == 0 {
        1
    };
    Ok(number)
}

#[protect(name = "t")]
async fn await_of_no_future() -> Result<u32, Error> {
    Ok(3.await)
}

#[protect(name = "t")]
async fn forgotten_await() -> Result<u32, Error> {
    Ok(plain() + 1)
}

async fn plain() -> u32 {
    1
}

#[protect(name = "t")]
async fn type_unknown() -> Result<usize, Error> {
    let all = Vec::new();
    Ok(all.len())
}

#[protect(name = "t")]
async fn closure_of_wrong_type() -> Result<Vec<u32>, Error> {
    Ok(vec![1, 2].into_iter().map(|n: u32| n.to_string()).collect::<Vec<u32>>())
}

#[protect(name = "t")]
async fn pattern_not_exhaustive(value: Option<u8>) -> Result<u8, Error> {
    match value {
        Some(value) => Ok(value),
    }
}

#[protect(name = "t")]
async fn bound_not_met<T>(value: T) -> Result<String, Error> {
    Ok(value.to_string())
}

#[protect(name = "t")]
async fn impl_trait_not_met() -> Result<impl Iterator<Item = u8>, Error> {
    Ok(3)
}

struct Client;

impl Client {
    #[protect(name = "t")]
    async fn unknown_field_of_self(&self) -> Result<u8, Error> {
        Ok(self.count)
    }

    #[protect(name = "t")]
    async fn assignment_of_wrong_type(&mut self) -> Result<u8, Error> {
        let mut count: u8 = 1;
        count = "two";
        Ok(count)
    }
}
