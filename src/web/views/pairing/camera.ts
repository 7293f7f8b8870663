/** Looks through the camera until it sees a code. Nothing of what it sees leaves the page, or is kept. */

/** Between two looks; the page goes on answering in between. */
const LOOK_EVERY_MS = 180
/** Pixels of the longer side that are searched: more takes longer and finds little more. */
const SIDE = 720

/** @returns a function that ends it and turns the camera off */
export function watchCamera(video: HTMLVideoElement, onText: (text: string) => void, onBlind: () => void): () => void {
  let ended = false
  let stream: MediaStream | undefined
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })

  async function begin(): Promise<void> {
    try {
      const [{ decodeQR }, opened] = await Promise.all([
        import('qr/decode.js'),
        navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: 'environment', width: { ideal: 1280 } } }),
      ])
      stream = opened
      if (ended) return stop()
      video.srcObject = stream
      await video.play()
      while (!ended) {
        const text = look(decodeQR)
        if (text !== undefined) {
          stop()
          return onText(text)
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
      }
    } catch {
      if (!ended) onBlind()
      stop()
    }
  }

  function look(decode: (image: { width: number; height: number; data: Uint8ClampedArray }) => string): string | undefined {
    const { videoWidth, videoHeight } = video
    if (!context || videoWidth === 0) return undefined
    const scale = Math.min(1, SIDE / Math.max(videoWidth, videoHeight))
    canvas.width = Math.round(videoWidth * scale)
    canvas.height = Math.round(videoHeight * scale)
    context.drawImage(video, 0, 0, canvas.width, canvas.height)
    try {
      return decode(context.getImageData(0, 0, canvas.width, canvas.height))
    } catch {
      return undefined // no code in this frame
    }
  }

  function stop(): void {
    ended = true
    for (const track of stream?.getTracks() ?? []) track.stop()
  }
  void begin()
  return stop
}
