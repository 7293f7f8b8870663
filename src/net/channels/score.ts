/** gossipsub's score parameters made of the numbers in limits.ts. */
import type { PeerScoreParams, PeerScoreThresholds, TopicScoreParams } from '@libp2p/gossipsub/score'
import { SCORE, THRESHOLDS } from './limits.ts'

/** Counters below this are nothing. */
const NOTHING = 0.01

/** Factor for each decay interval after which a counter of one is nothing when `time` is over. */
const forgottenAfter = (time: number): number => NOTHING ** (SCORE.decayInterval / time)

/** @param points what a peer has done wrong outside the gossip, see faults.ts */
export function peerScore(points: (peerId: string) => number): PeerScoreParams {
  return {
    topics: {},
    topicScoreCap: SCORE.topicScoreCap,
    appSpecificScore: points,
    appSpecificWeight: SCORE.faultWeight,
    IPColocationFactorWeight: SCORE.colocation.weight,
    IPColocationFactorThreshold: SCORE.colocation.threshold,
    // Nodes of one machine are one address, and no attacker can come from there.
    IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
    behaviourPenaltyWeight: SCORE.behaviour.weight,
    behaviourPenaltyThreshold: SCORE.behaviour.threshold,
    behaviourPenaltyDecay: forgottenAfter(SCORE.behaviour.forgottenAfter),
    decayInterval: SCORE.decayInterval,
    decayToZero: SCORE.decayToZero,
    retainScore: SCORE.retainScore,
  }
}

export const TOPIC_SCORE: TopicScoreParams = {
  topicWeight: 1,
  timeInMeshQuantum: SCORE.timeInMesh.quantum,
  timeInMeshCap: SCORE.timeInMesh.cap,
  timeInMeshWeight: SCORE.timeInMesh.weight,
  firstMessageDeliveriesCap: SCORE.firstDeliveries.cap,
  firstMessageDeliveriesWeight: SCORE.firstDeliveries.weight,
  firstMessageDeliveriesDecay: 0.5 ** (SCORE.decayInterval / SCORE.firstDeliveries.halfLife),
  meshMessageDeliveriesWeight: SCORE.meshDeliveries,
  meshFailurePenaltyWeight: SCORE.meshDeliveries,
  // Not used with a weight of 0.
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 1,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 1000,
  meshMessageDeliveriesActivation: 1000,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: SCORE.invalid.weight,
  invalidMessageDeliveriesDecay: forgottenAfter(SCORE.invalid.forgottenAfter),
}

export const SCORE_THRESHOLDS: PeerScoreThresholds = {
  gossipThreshold: THRESHOLDS.gossip,
  publishThreshold: THRESHOLDS.publish,
  graylistThreshold: THRESHOLDS.graylist,
  acceptPXThreshold: THRESHOLDS.acceptPX,
  opportunisticGraftThreshold: THRESHOLDS.opportunisticGraft,
}
