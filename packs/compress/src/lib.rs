//! Zstandard, in one call or as a stream, with the reference library.
use denizen_pack::{Actor, Failure, Outcome, PackHost, Tick};
use zstd_safe::zstd_sys::ZSTD_EndDirective;
use zstd_safe::{CCtx, CParameter, DCtx, InBuffer, OutBuffer};

const LEVEL_DEFAULT: i32 = 3;
/// The default limit of one tick's output: a small input can expand to a huge one.
const LIMIT_DEFAULT: usize = 64 << 20;
const STEP: usize = 128 << 10;

fn failed(doing: &str) -> impl Fn(zstd_safe::ErrorCode) -> Failure {
    let doing = doing.to_owned();
    move |code| Failure::new(format!("Cannot {doing} as zstd says: {}", zstd_safe::get_error_name(code)))
}

fn compressor(tick: &Tick) -> Result<CCtx<'static>, Failure> {
    let level = tick.config("level")?.unwrap_or(LEVEL_DEFAULT);
    if !(-7..=22).contains(&level) {
        return Err(Failure::new(format!("Cannot compress as config \"level\" is not from -7 to 22: {level}")));
    }
    let mut context = CCtx::create();
    for parameter in [CParameter::CompressionLevel(level), CParameter::ChecksumFlag(true)] {
        context.set_parameter(parameter).map_err(failed("compress"))?;
    }
    Ok(context)
}

fn limit(tick: &Tick) -> Result<usize, Failure> {
    Ok(tick.config("limit")?.unwrap_or(LIMIT_DEFAULT))
}

/// Makes room for `size` more bytes after the existing ones.
fn make_room(out: &mut Vec<u8>, size: usize) -> Outcome {
    out.try_reserve(size).map_err(|_| Failure::new(format!("Cannot go on as there is no memory for {size} bytes")))
}

fn compress_into(context: &mut CCtx, bytes: &[u8], end: ZSTD_EndDirective, out: &mut Vec<u8>) -> Outcome {
    let mut input = InBuffer::around(bytes);
    loop {
        make_room(out, STEP.min(zstd_safe::compress_bound(bytes.len())).max(1024))?;
        let at = out.len();
        let left = context
            .compress_stream2(&mut OutBuffer::around_pos(out, at), &mut input, end)
            .map_err(failed("compress"))?;
        let taken = input.pos == bytes.len();
        if taken && (left == 0 || end == ZSTD_EndDirective::ZSTD_e_continue) {
            return Ok(());
        }
    }
}

/// Whether the input ended with a complete frame.
fn decompress_into(context: &mut DCtx, bytes: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<bool, Failure> {
    let mut input = InBuffer::around(bytes);
    loop {
        make_room(out, STEP)?;
        let (at, room) = (out.len(), out.capacity());
        let hint =
            context.decompress_stream(&mut OutBuffer::around_pos(out, at), &mut input).map_err(failed("decompress"))?;
        if out.len() > limit {
            return Err(Failure::new(format!(
                "Cannot decompress as the result is larger than the limit: {limit} bytes"
            )));
        }
        if input.pos == bytes.len() && (hint == 0 || out.len() < room) {
            return Ok(hint == 0);
        }
    }
}

fn compress(tick: &mut Tick) -> Outcome {
    let input = tick.bytes("input")?;
    let mut context = compressor(tick)?;
    context.set_pledged_src_size(Some(input.len() as u64)).map_err(failed("compress"))?;
    let mut out = Vec::new();
    make_room(&mut out, zstd_safe::compress_bound(input.len()))?;
    compress_into(&mut context, input, ZSTD_EndDirective::ZSTD_e_end, &mut out)?;
    tick.put_bytes("output", &out)
}

fn decompress(tick: &mut Tick) -> Outcome {
    let (input, limit) = (tick.bytes("input")?, limit(tick)?);
    let mut out = Vec::new();
    if !decompress_into(&mut DCtx::create(), input, limit, &mut out)? {
        return Err(Failure::new("Cannot decompress as the input ends too early"));
    }
    tick.put_bytes("output", &out)
}

#[derive(Default)]
struct Compressing(Option<CCtx<'static>>);

impl Actor for Compressing {
    fn run(&mut self, tick: &mut Tick) -> Outcome {
        let context = match &mut self.0 {
            Some(context) => context,
            none => none.insert(compressor(tick)?),
        };
        let chunk = if tick.has("chunk") { tick.bytes("chunk")? } else { &[] };
        let finish = tick.input("finish")?.unwrap_or(false);
        let flush = tick.input("flush")?.unwrap_or(false);
        let end = match (finish, flush) {
            (true, _) => ZSTD_EndDirective::ZSTD_e_end,
            (false, true) => ZSTD_EndDirective::ZSTD_e_flush,
            (false, false) => ZSTD_EndDirective::ZSTD_e_continue,
        };
        let mut out = Vec::new();
        compress_into(context, chunk, end, &mut out)?;
        if finish {
            self.0 = None;
        }
        tick.put_bytes("output", &out)
    }
}

#[derive(Default)]
struct Decompressing(Option<DCtx<'static>>);

impl Actor for Decompressing {
    fn run(&mut self, tick: &mut Tick) -> Outcome {
        let (chunk, limit) = (tick.bytes("chunk")?, limit(tick)?);
        let context = self.0.get_or_insert_with(DCtx::create);
        let mut out = Vec::new();
        let decompressed = decompress_into(context, chunk, limit, &mut out);
        if !matches!(decompressed, Ok(false)) {
            self.0 = None;
        }
        tick.put("done", decompressed?)?;
        tick.put_bytes("output", &out)
    }
}

fn register(host: &mut PackHost) {
    host.stateless("compress.zstd", compress)
        .inports("input: bytes")
        .outports("output: bytes")
        .config("level?: number")
        .description("Compresses bytes to a Zstandard frame with a checksum");
    host.stateless("compress.unzstd", decompress)
        .inports("input: bytes")
        .outports("output: bytes")
        .config("limit?: number")
        .description("Decompresses Zstandard frames");
    host.template("compress.zstd_stream", Compressing::default)
        .inports("chunk?: bytes, flush?: boolean, finish?: boolean")
        .outports("output: bytes")
        .config("level?: number")
        .description("Compresses what comes in chunks; finish ends the frame and starts again");
    host.template("compress.unzstd_stream", Decompressing::default)
        .inports("chunk: bytes")
        .outports("output: bytes, done: boolean")
        .config("limit?: number")
        .description("Decompresses what comes in chunks; done says that a frame ended with this one");
}

denizen_pack::pack!("compress", "1.0.0", register);
