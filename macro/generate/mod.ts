/**
 * Generates the contract modules of apps.
 *
 * @module
 */
export { checkGenerated, generate, type GenerateOptions, type GenerateResult } from "./generate.ts";
export { PACKAGE_NAME, packageNameOf, PUBLISHER_DEFAULT, PUBLISHER_NAME } from "../declare/address_names.ts";
export {
  generatePackModule,
  type PackModuleOptions,
  packModulePath,
  type PackModuleResult,
  packModulesIn,
  removePackModule,
} from "./pack_modules.ts";
export type { PackDescription, TemplateDescription } from "./pack_model.ts";
export { GenerateError, type GenerateIssue, issueText } from "./generate_error.ts";
export { type GeneratedProcess, GENERATOR_VERSION } from "./freshness/generation_record.ts";
export type { Staleness } from "./freshness/staleness.ts";
