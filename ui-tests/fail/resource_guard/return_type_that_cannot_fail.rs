use altlocks::resource_guard;

#[resource_guard]
fn load() -> u32 {
    1
}

fn main() {
    drop(load());
}
