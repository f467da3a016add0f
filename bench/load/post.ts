/**
 * Sends one JSON request and returns the text of the reply; any status but 200 is an error that shows the
 * reply.
 */
export async function post(url: string, body: string): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  const text = await response.text();
  if (response.status !== 200) {
    throw new Error(`Cannot use ${url} as it answered ${response.status}: ${text}`);
  }
  return text;
}
