/** One JSON request and its text; anything but 200 is an error that shows the answer. */
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
