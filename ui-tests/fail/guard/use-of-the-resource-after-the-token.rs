use altlocks::ResourceGuard;

fn main() {
    let guard = ResourceGuard::new(vec![1]);
    let token = guard.enter().unwrap();
    let first: &u32 = &token[0];
    drop(token);
    println!("{first}");
}
