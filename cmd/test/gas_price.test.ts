import { leastGasPrice } from "../nild/run_node.js";

test.each([
  ["0.001unil", "0.001"],
  ["0unil", "0"],
])("%s is a price of %s", (setting, price) => {
  expect(leastGasPrice(setting)).toBe(price);
});

// Taken for unil, a price in another denom would leave the mempool open or shut.
test.each(["0.001uatom", "0.001nil", "0.001xunil", "unil"])("%s is refused", (setting) => {
  expect(() => leastGasPrice(setting)).toThrow(expect.objectContaining({ code: "config.wrong_value" }));
});
