/**
 * MiB/s that `node:zlib` takes in with zstd at level 3 and a checksum, as `packs/compress` does. The argument
 * is how many MiB.
 */
import zlib from "node:zlib";
import { prose } from "../packs/prose.ts";
import { secondsOf } from "../timed.ts";

const count = Number(Deno.args[0]);
const input = new TextEncoder().encode(prose(2 ** 20)).slice(0, 2 ** 20);
const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = zlib.constants;
const params = { [ZSTD_c_compressionLevel]: 3, [ZSTD_c_checksumFlag]: 1 };
const seconds = await secondsOf(count, (count) => {
  for (let done = 0; done < count; done++) zlib.zstdCompressSync(input, { params });
});
console.log(count / seconds);
Deno.exit();
