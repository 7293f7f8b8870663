/** One line of the scoreboard. `note` names the peer it stands beside and the ratio. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly note?: string
}
