// The selected images at an alpha: of each bin, the first of its draw order. The same rule as in the map.
export class Selection {
  // `bins`: rows sorted by (bin, draw position) and the capacity of each bin. `quotas`: one line of quotas per alpha,
  // or `selected`, one byte per image, for a selection that has no quotas.
  constructor(bins, quotas) {
    Object.assign(this, { bins, quotas });
    if (quotas.selected) return;
    const { row, capacity } = bins;
    [this.binOf, this.drawOf] = [new Uint16Array(row.length), new Uint32Array(row.length)];
    let at = 0;
    capacity.forEach((size, bin) => {
      for (let draw = 0; draw < size; draw++, at++) [this.binOf[row[at]], this.drawOf[row[at]]] = [bin, draw];
    });
  }

  setAlpha(alpha) {
    const { selected, alphas, quota } = this.quotas;
    if (selected) return;
    let step = 0;
    alphas.forEach((each, n) => {
      if (Math.abs(each - alpha) < Math.abs(alphas[step] - alpha)) step = n;
    });
    const count = this.bins.capacity.length;
    this.quota = quota.subarray(step * count, (step + 1) * count);
  }

  has(row) {
    return this.quotas.selected ? this.quotas.selected[row] === 1 : this.drawOf[row] < this.quota[this.binOf[row]];
  }

  // Selected images among those of an order.
  countIn(order) {
    let count = 0;
    for (const row of order) if (this.has(row)) count++;
    return count;
  }
}
