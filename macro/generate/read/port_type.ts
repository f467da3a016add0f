/**
 * Makes the types of ports that packs declare safe. They become part of a module of the app, so each is
 * parsed by the TypeScript compiler, only types of plain data are accepted, and the text that is written is
 * printed from the syntax tree. Everything else is `unknown`.
 */
import ts from "typescript";

interface PortType {
  readonly text: string;
  /** `undefined` is one of its values: the port may be omitted. */
  readonly optional: boolean;
}

/** Texts that are longer or have more opening brackets are rejected: the parser recurses for each bracket. */
const TEXT_LENGTH_MAX = 2_000;
const BRACKETS_MAX = 100;

/** Types that may be named, and how many arguments each takes. `bytes` is the contract's own word. */
const NAMED: Readonly<Record<string, number>> = {
  ...{ Array: 1, ReadonlyArray: 1, Partial: 1, Readonly: 1, Record: 2, bytes: 0 },
  ...{ Uint8Array: 0, Int8Array: 0, Uint16Array: 0, Int16Array: 0, Uint32Array: 0, Int32Array: 0 },
  ...{ Float32Array: 0, Float64Array: 0, BigInt64Array: 0, BigUint64Array: 0 },
};

/**
 * Whether values go into the pack or come out of it. Bytes that come out have an `ArrayBuffer`, which is
 * never shared.
 */
export type Direction = "in" | "out";

export class PortTypeReader {
  readonly #printer = ts.createPrinter({ removeComments: true });

  /** `undefined` if it is not a type of plain data. */
  read(text: string, direction: Direction): PortType | undefined {
    if (text.length > TEXT_LENGTH_MAX || text.split(/[([{<]/).length > BRACKETS_MAX) return undefined;
    const source = ts.createSourceFile("port.ts", `type T = ${text}\n;`, ts.ScriptTarget.Latest, true);
    const [statement, end, ...more] = source.statements;
    const declared = statement && ts.isTypeAliasDeclaration(statement) ? statement : undefined;
    if (!declared || more.length > 0 || declared.typeParameters) return undefined;
    // If the text ends with a semicolon, the one appended above is an empty statement.
    if (end && !(ts.isEmptyStatement(end) && text.trimEnd().endsWith(";"))) return undefined;
    if (hasMistakes(source) || !this.#isPlain(declared.type)) return undefined;
    return this.#printed(declared.type, source, direction);
  }

  #printed(type: ts.TypeNode, source: ts.SourceFile, direction: Direction): PortType {
    const parts = ts.isUnionTypeNode(type) ? type.types : [type];
    const values = parts.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
    const texts = values.map((part) => this.#print(part, source, direction));
    return { text: texts.join(" | ") || "undefined", optional: values.length < parts.length };
  }

  #print(node: ts.TypeNode, source: ts.SourceFile, direction: Direction): string {
    const buffer = direction === "out" ? [ts.factory.createTypeReferenceNode("ArrayBuffer")] : undefined;
    const renamed = ts.transform(node, [(context) => {
      const visit = (node: ts.Node): ts.Node => {
        const name = ts.isTypeReferenceNode(node) ? node.getText(source) : "";
        return name === "bytes" || /^\w+\d+Array$/.test(name)
          ? ts.factory.createTypeReferenceNode(name === "bytes" ? "Uint8Array" : name, buffer)
          : ts.visitEachChild(node, visit, context);
      };
      return (node) => visit(node) as ts.TypeNode;
    }]);
    const text = this.#printer.printNode(ts.EmitHint.Unspecified, renamed.transformed[0]!, source);
    renamed.dispose();
    return text.replace(/\s*\n\s*/g, " ");
  }

  /** Whether a type consists of plain data only. */
  #isPlain(node: ts.TypeNode): boolean {
    const all = (types: readonly ts.TypeNode[]) => types.every((type) => this.#isPlain(type));
    if (this.#isPlainWord(node)) return true;
    if (ts.isLiteralTypeNode(node)) return this.#isPlainLiteral(node.literal);
    if (ts.isArrayTypeNode(node)) return this.#isPlain(node.elementType);
    if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node)) return all(node.types);
    if (ts.isParenthesizedTypeNode(node)) return this.#isPlain(node.type);
    if (ts.isTupleTypeNode(node)) return all(node.elements);
    if (ts.isNamedTupleMember(node) || ts.isRestTypeNode(node) || ts.isOptionalTypeNode(node)) {
      return this.#isPlain(node.type);
    }
    if (ts.isTypeOperatorNode(node)) {
      return node.operator === ts.SyntaxKind.ReadonlyKeyword && this.#isPlain(node.type);
    }
    if (ts.isTypeLiteralNode(node)) return node.members.every((member) => this.#isPlainMember(member));
    if (!ts.isTypeReferenceNode(node) || !ts.isIdentifier(node.typeName)) return false;
    const name = node.typeName.text, given = node.typeArguments ?? [];
    return Object.hasOwn(NAMED, name) && NAMED[name] === given.length && all(given);
  }

  #isPlainWord({ kind }: ts.TypeNode): boolean {
    return [
      ts.SyntaxKind.StringKeyword,
      ts.SyntaxKind.NumberKeyword,
      ts.SyntaxKind.BooleanKeyword,
      ts.SyntaxKind.BigIntKeyword,
      ts.SyntaxKind.UnknownKeyword,
      ts.SyntaxKind.UndefinedKeyword,
      ts.SyntaxKind.ObjectKeyword,
      ts.SyntaxKind.NeverKeyword,
    ].includes(kind);
  }

  #isPlainLiteral(literal: ts.LiteralTypeNode["literal"]): boolean {
    if (ts.isPrefixUnaryExpression(literal)) {
      return literal.operator === ts.SyntaxKind.MinusToken && ts.isNumericLiteral(literal.operand);
    }
    return ts.isStringLiteral(literal) || ts.isNumericLiteral(literal) ||
      [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(
        literal.kind,
      );
  }

  #isPlainMember(member: ts.TypeElement): boolean {
    if (ts.isIndexSignatureDeclaration(member)) {
      return this.#isPlain(member.type) &&
        member.parameters.every(({ type, name }) =>
          ts.isIdentifier(name) && type !== undefined && this.#isPlainWord(type)
        );
    }
    if (!ts.isPropertySignature(member) || !member.type) return false;
    const { name } = member;
    return (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name)) &&
      this.#isPlain(member.type);
  }
}

/** The parser recovers from syntax errors and records them in a property that its types do not declare. */
function hasMistakes(source: ts.SourceFile): boolean {
  return (source as { parseDiagnostics?: readonly unknown[] }).parseDiagnostics?.length !== 0;
}
