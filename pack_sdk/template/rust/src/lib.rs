use denizen_pack::{Actor, Outcome, PackHost, Tick};

/// Adds the value of "step", or 1, and returns the sum.
#[derive(Default)]
struct Counter {
    count: i64,
}

impl Actor for Counter {
    fn run(&mut self, tick: &mut Tick) -> Outcome {
        self.count += tick.input("step")?.unwrap_or(1);
        tick.put("count", self.count)
    }
}

fn register(host: &mut PackHost) {
    host.template("hello.counter", Counter::default)
        .inports("step?: number")
        .outports("count: number")
        .description("Counts");
}

denizen_pack::pack!("hello", "0.1.0", register);
