/**
 * What tools do with the files of packs: bundle, sign, strip, inspect, plan and verify. Programs that only
 * use packs need nothing of it.
 *
 * @module
 */
export {
  bundlePack,
  signBundle,
  stripBundle,
  type StripOptions,
  type StrippedBundle,
} from "./bundle/bundle.ts";
export {
  describePack,
  type InspectedFile,
  inspectPack,
  type PackContents,
  type PackSelfDescription,
  readPackFile,
} from "./bundle/inspect.ts";
export { type PlannedPack, planPack } from "./carrier_choice.ts";
export { type PackReport, type VerifiedFile, type VerifyOptions, verifyPack } from "./verify.ts";
