/** A question that is not answered in time counts as failed, however it ends. @throws Error after `ms`, and as the question. */
export function within<T>(ms: number, question: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(reject, ms, new Error(`no answer within ${ms} ms`));
    question.then(resolve, reject).finally(() => clearTimeout(late));
  });
}
