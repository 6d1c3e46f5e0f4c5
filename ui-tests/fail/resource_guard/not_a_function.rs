use altlocks::{resource_guard, ResourceBusy};

#[resource_guard]
struct Load;

fn main() {
    drop(Load);
}
