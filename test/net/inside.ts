// The process inside a namespace: it calls exports of test modules for the test outside, and ends
// when the test does.

export interface Call {
  id: number;
  module: string;
  name: string;
  args: unknown[];
}

export interface Answer {
  id: number;
  value?: unknown;
  error?: { message: string; name: string; code?: string };
}

async function answer(call: Call): Promise<Answer> {
  try {
    const module = await import(call.module);
    return { id: call.id, value: await module[call.name](...call.args) };
  } catch (error) {
    const { message, name, code } = error as Error & { code?: string };
    return { id: call.id, error: { message, name, ...(code === undefined ? {} : { code }) } };
  }
}

process.on("message", (call: Call) => {
  answer(call).then((result) => process.send?.(result, () => {})); // or nobody listens any more
});
process.on("disconnect", () => process.exit());
