use altlocks::CircuitBreaker;

static ZERO: CircuitBreaker = CircuitBreaker::builder("b").max_fails(0).build();
static THRESHOLD: CircuitBreaker = CircuitBreaker::builder("b").success_threshold(9).build();
static NAMELESS: CircuitBreaker = CircuitBreaker::new("");

fn main() {
    drop((&ZERO, &THRESHOLD, &NAMELESS));
}
