// What an amount of coins costs, by the table of `GET /v1/packages`: exactly, as the service does it.
// The service decides; this only shows it before.

const COINS_PER_PRICE = 1000n;

/** The price of `coins` as `{amount, currency, exponent}`, or `null` if there is none. */
export function priceOf(custom, coins) {
  if (!custom || !Number.isSafeInteger(coins) || coins < custom.min_coins || coins > custom.max_coins) return null;
  let thousandths = 0n;
  custom.steps.forEach((step, index) => {
    const next = custom.steps[index + 1]?.from_coins ?? Infinity;
    // The step has the coins from its first one to the one before the next step's.
    const inStep = Math.max(0, Math.min(coins, next - 1) - (step.from_coins - 1));
    thousandths += BigInt(inStep) * BigInt(step.price_per_1000_coins.amount);
  });
  const { currency, exponent } = custom.steps[0].price_per_1000_coins;
  return { amount: Number((thousandths + COINS_PER_PRICE - 1n) / COINS_PER_PRICE), currency, exponent };
}
