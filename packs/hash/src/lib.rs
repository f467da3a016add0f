//! BLAKE3, in one call or as a stream, with the `blake3` crate.
use blake3::Hasher;
use denizen_pack::{Actor, Failure, Outcome, PackHost, Tick};

const LENGTH_MAX: usize = 65536;

/// The mode from the config: keyed, derived for a purpose, or plain.
fn configured(tick: &Tick) -> Result<Hasher, Failure> {
    let key: Option<String> = tick.config("key")?;
    let context: Option<String> = tick.config("context")?;
    match (key, context) {
        (None, None) => Ok(Hasher::new()),
        (None, Some(context)) => Ok(Hasher::new_derive_key(&context)),
        (Some(key), None) => Ok(Hasher::new_keyed(&key_of(&key)?)),
        (Some(_), Some(_)) => Err(Failure::new("Cannot hash as the config has both a key and a context")),
    }
}

fn key_of(hex: &str) -> Result<[u8; 32], Failure> {
    let wrong = || Failure::new("Cannot hash as config \"key\" is not 64 hexadecimal digits");
    let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() == 64).ok_or_else(wrong)?;
    Ok(std::array::from_fn(|i| (digits[2 * i] * 16 + digits[2 * i + 1]) as u8))
}

/// Bytes, or the UTF-8 of a text.
fn update(hasher: &mut Hasher, tick: &Tick, port: &str) -> Outcome {
    if tick.raw(port).is_some_and(|value| value.get().starts_with('"')) {
        hasher.update(tick.required::<String>(port)?.as_bytes());
    } else {
        hasher.update(tick.bytes(port)?);
    }
    Ok(())
}

fn put_digest(hasher: &Hasher, tick: &mut Tick) -> Outcome {
    let length = tick.config("length")?.unwrap_or(blake3::OUT_LEN);
    if length == 0 || length > LENGTH_MAX {
        return Err(Failure::new(format!("Cannot hash as config \"length\" is not from 1 to {LENGTH_MAX}: {length}")));
    }
    let mut digest = vec![0; length];
    hasher.finalize_xof().fill(&mut digest);
    let hex: String = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit).collect();
    tick.put_bytes("digest", &digest)?;
    tick.put("hex", hex)
}

fn hex_digit(half: u8) -> char {
    char::from_digit(half.into(), 16).unwrap_or('0')
}

fn hash(tick: &mut Tick) -> Outcome {
    let mut hasher = configured(tick)?;
    update(&mut hasher, tick, "input")?;
    put_digest(&hasher, tick)
}

/// Hashes a stream. `finish` returns the digest and resets it.
#[derive(Default)]
struct Stream(Option<Hasher>);

impl Actor for Stream {
    fn run(&mut self, tick: &mut Tick) -> Outcome {
        let hasher = match &mut self.0 {
            Some(hasher) => hasher,
            none => none.insert(configured(tick)?),
        };
        if tick.has("chunk") {
            update(hasher, tick, "chunk")?;
        }
        tick.put("bytes", hasher.count())?;
        if tick.input("finish")?.unwrap_or(false) {
            put_digest(hasher, tick)?;
            self.0 = None;
        }
        Ok(())
    }
}

fn register(host: &mut PackHost) {
    host.stateless("hash.blake3", hash)
        .inports("input: bytes | string")
        .outports("digest: bytes, hex: string")
        .config("length?: number, key?: string, context?: string")
        .description("The BLAKE3 digest of bytes or of a text");
    host.template("hash.blake3_stream", Stream::default)
        .inports("chunk?: bytes | string, finish?: boolean")
        .outports("bytes: number, digest?: bytes, hex?: string")
        .config("length?: number, key?: string, context?: string")
        .description("The BLAKE3 digest of what comes in chunks");
}

denizen_pack::pack!("hash", "1.0.0", register);
