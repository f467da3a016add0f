/**
 * A text of roughly so many UTF-16 units, the same each time: sentences of words that are drawn from a list,
 * with numbers between them.
 */
const WORDS = (
  "the of and a to in is you that it he was for on are as with his they at be this have from or one had by word but not " +
  "what all were we when your can said there use an each which she do how their if will up other about out many then them " +
  "these so some her would make like him into time has look two more write go see number no way could people my than first " +
  "water been call who oil its now find long down day did get come made may part don't it's naïve façade Größe"
).split(" ");

export function prose(units: number): string {
  const parts: string[] = [];
  let state = 1, length = 0;
  const draw = (below: number) => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return (state >>> 8) % below;
  };
  while (length < units) {
    const word = draw(12) === 0 ? String(draw(10_000) / 100) : WORDS[draw(WORDS.length)];
    const part = draw(10) === 0 ? `${word}. ` : draw(9) === 0 ? `${word}, ` : `${word} `;
    parts.push(part);
    length += part.length;
  }
  return parts.join("");
}
