use altlocks::resource_guard;

#[resource_guard]
async fn load() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {
    drop(load());
}
