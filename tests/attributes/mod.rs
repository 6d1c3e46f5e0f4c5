//! What holds for all three attributes, alone and stacked.

mod cost;
mod instances;
mod order;
mod rare;
