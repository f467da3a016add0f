/** The rules of ARCHITECTURE.md and CONTRIBUTING.md, as tests: each failure says what to do. */
import "./tidy/imports.ts";
import "./tidy/sizes.ts";
import "./tidy/habits.ts";
import "./tidy/documents.ts";
import "./tidy/rooms.ts";
import "./tidy/comments.ts";
import "./tidy/exports.ts";
