use altlocks::DynamicThrottle;

static NAN: DynamicThrottle = DynamicThrottle::new(f64::NAN);
static BOUNDS: DynamicThrottle = DynamicThrottle::builder(1.0).min_rate(2.0).build();

fn main() {
    drop((&NAN, &BOUNDS));
}
