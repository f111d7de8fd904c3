/**
 * A question that is not answered in time counts as failed, however it ends. An answer that arrived while this process was
 * busy counts as in time: timers run before what has arrived is read. @throws Error after `ms`, and as the question.
 */
export function within<T>(ms: number, question: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new Error(`no answer within ${ms} ms`));
    const late = setTimeout(() => setImmediate(refuse), ms);
    question.then(resolve, reject).finally(() => clearTimeout(late));
  });
}
