use altlocks::ResourceGuard;

fn main() {
    let guard = ResourceGuard::new(vec![1]);
    let token = guard.enter().unwrap();
    let resource = guard.into_inner();
    drop((token, resource));
}
