/** Stands for the bank: the card `declined` never works, the card `flaky` works on the second attempt. */
export class CardGateway {
  async charge(card: string, _amount: number, attempt: number): Promise<void> {
    if (card === 'declined') throw new Error('card declined');
    if (card === 'flaky' && attempt === 1) throw new Error('the bank does not answer');
  }
}
