use altlocks::resource_guard;

#[resource_guard]
const fn load() -> Option<u32> {
    Some(1)
}

fn main() {
    drop(load());
}
