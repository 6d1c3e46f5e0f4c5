use altlocks::StatefulBarrier;

async fn party(barrier: &StatefulBarrier<u32>) {
    let arrival = barrier.wait(1).await.unwrap();
    arrival[0] = 2;
}

fn main() {
    drop(party(&StatefulBarrier::new(1)));
}
