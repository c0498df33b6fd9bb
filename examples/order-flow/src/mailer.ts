/** Stands for a mail service; the same mail twice is one mail, since a message may come twice. */
export class Mailer {
  readonly mails = new Map<string, string>();

  async send(orderId: string, text: string): Promise<void> {
    this.mails.set(orderId, text);
  }
}
