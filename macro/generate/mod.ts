/**
 * Generates the contract modules of apps.
 *
 * @module
 */
export { checkGenerated, generate, type GenerateOptions, type GenerateResult } from "./generate.ts";
export { PACKAGE_NAME, packageNameOf, PUBLISHER_DEFAULT, PUBLISHER_NAME } from "./identity.ts";
export { GenerateError, type GenerateIssue, issueText } from "./generate_error.ts";
export { type GeneratedProcess, GENERATOR_VERSION, type Staleness } from "./manifest.ts";
