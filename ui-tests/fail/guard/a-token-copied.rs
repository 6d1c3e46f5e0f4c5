use altlocks::UniqueResourceGuard;

fn main() {
    let token = UniqueResourceGuard::of("file").enter().unwrap();
    let copy = token.clone();
    drop((token, copy));
}
