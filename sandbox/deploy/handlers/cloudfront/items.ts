/** A list as CloudFront takes it. */
export const items = <T>(list: readonly T[] = []) => ({
  Quantity: list.length,
  ...(list.length > 0 && { Items: [...list] }),
});
