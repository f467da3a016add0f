//! The templates that every carrier of the fixture has, in Rust.
use denizen_pack::{Actor, Failure, Outcome, PackHost, Tick};

#[derive(Default)]
struct Counter {
    count: i64,
}

impl Actor for Counter {
    fn run(&mut self, tick: &mut Tick) -> Outcome {
        let step = tick.input("step")?.or(tick.config("step")?);
        self.count += step.unwrap_or(1);
        tick.put("count", self.count)
    }
}

fn double(tick: &mut Tick) -> Outcome {
    let input: f64 = tick.required("input")?;
    tick.put("output", 2.0 * input)
}

fn fail(tick: &mut Tick) -> Outcome {
    let reason: Option<String> = tick.input("reason")?;
    Err(Failure::new(reason.unwrap_or("Failed as \"asked\":\n\\ and on two lines".to_owned())))
}

fn reverse(tick: &mut Tick) -> Outcome {
    let input = tick.bytes("input")?;
    let output = tick.reserve::<u8>("output", input.len())?;
    output.iter_mut().zip(input.iter().rev()).for_each(|(to, from)| *to = *from);
    Ok(())
}

fn register(host: &mut PackHost) {
    host.stateless("fixture.echo", |tick| tick.forward("input", "output"))
        .inports("input: unknown")
        .outports("output: unknown")
        .description("Answers with its input");
    host.stateless("fixture.doubler", double)
        .inports("input: number")
        .outports("output: number")
        .description("Doubles a number");
    host.template("fixture.counter", Counter::default)
        .inports("step?: number")
        .outports("count: number")
        .config("step?: number")
        .description("Counts, each instance for itself");
    host.stateless("fixture.fail", fail).inports("reason?: string").description("Fails with the reason it is given");
    host.stateless("fixture.trap", |_| panic!("on purpose")).description("Panics: a trap in wasm");
    host.stateless("fixture.reverse", reverse)
        .inports("input: bytes")
        .outports("output: bytes")
        .description("Reverses bytes");
}

denizen_pack::pack!("fixture", "1.0.0", register);
