// What tests of `heddle up` ask for inside of a host's namespace.

/** Status and body of a page. */
export async function get(url: string): Promise<[status: number, body: string]> {
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  return [response.status, await response.text()];
}
