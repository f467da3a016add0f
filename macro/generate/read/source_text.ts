/** Comments in sources. */
import ts from "typescript";

/** The text of the documentation comment in front of a declaration, without its stars. */
export function docOf(node: ts.Node): string | undefined {
  const text = node.getSourceFile().text;
  const ranges = ts.getLeadingCommentRanges(text, node.pos) ?? [];
  const comment = ranges.map(({ pos, end }) => text.slice(pos, end)).findLast((part) =>
    part.startsWith("/**")
  );
  if (comment === undefined) return undefined;
  const lines = comment.slice(3, -2).split("\n").map((line) => line.replace(/^\s*\*? ?/, "").trimEnd());
  const doc = lines.join("\n").trim();
  return doc === "" ? undefined : doc;
}
