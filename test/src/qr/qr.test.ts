import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import decodeQR from 'qr/decode.js'
import stringWidth from 'string-width'
import { MAX_FILE_BYTES, QrError, qrPng, qrSvg, qrText, readQr } from '../../../src/qr/index.ts'
import { converted, type Grey, missingTools, pngOf, pngOfGrey, qrencoded, screenshot, zbar } from './support.ts'

const FIXTURES = path.join(import.meta.dirname, '../../fixtures/qr')
const fixture = (name: string): Uint8Array => readFileSync(path.join(FIXTURES, name))
/** As long as an invite with two addresses. */
const LINK = readFileSync(path.join(FIXTURES, 'text.txt'), 'utf8')
const TEXTS = ['DURE:A', LINK, 'dure: 두레 👩‍👩‍👧‍👦']

const refusal = (code: string) => (error: unknown) => error instanceof QrError && error.code === code && error.hint !== ''

function rgba({ width, height, data }: Grey): { width: number; height: number; data: Uint8Array } {
  return { width, height, data: Uint8Array.from({ length: data.length * 4 }, (_, i) => (i % 4 === 3 ? 255 : (data[i >> 2] as number))) }
}

/** Grey noise that is the same every time. */
function noise(size: number): Grey {
  let state = 1
  const data = Uint8Array.from({ length: size * size }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state >> 16
  })
  return { width: size, height: size, data }
}

describe('a code we make', () => {
  for (const text of TEXTS) {
    it(`as PNG is read back: ${text.slice(0, 20)}`, async () => assert.equal(await readQr(qrPng(text)), text))
  }

  for (const theme of ['dark', 'light'] as const) {
    it(`in a ${theme} terminal is read by another decoder`, () => {
      for (const text of TEXTS) assert.equal(decodeQR(rgba(screenshot(qrText(text), theme)), { timeLimit: 5_000 }), text)
    })
  }

  it('in plain characters is right side up on a dark terminal', () => {
    const plain = qrText(LINK, { colour: false })
    assert.match(plain, /^[ ▀▄█\n]+$/)
    assert.equal(decodeQR(rgba(screenshot(plain, 'dark')), { timeLimit: 5_000 }), LINK)
  })

  it('in a terminal has lines of one width, which 80 columns hold for an invite', () => {
    for (const colour of [true, false]) {
      const widths = new Set(qrText(LINK, { colour }).split('\n').map((line) => stringWidth(line)))
      assert.equal(widths.size, 1)
      assert.ok(Math.max(...widths) <= 80)
    }
  })

  it('leaves the terminal as it was at the end of each line', () => {
    for (const line of qrText(LINK).split('\n')) assert.ok(line.endsWith('\x1b[0m'))
  })

  it('as SVG holds nothing but numbers and letters of its paths', () => {
    const svg = qrSvg('"><script>alert(1)</script>')
    assert.match(svg, /^<svg [^<>]*><path fill="#fff" d="[^"<>]*"\/><path d="[Mhvz\d\s-]+"\/><\/svg>\n$/)
  })

  it('that would have to hold too much is refused', () => {
    for (const make of [qrText, qrPng, qrSvg]) assert.throws(() => make('x'.repeat(3_000)), refusal('too-long'))
    assert.throws(() => qrPng('1'.repeat(10_000_000)), refusal('too-long'))
  })
})

describe('reading a picture', () => {
  for (const name of readdirSync(FIXTURES).filter((file) => /\.(png|jpg|webp)$/.test(file) && file !== 'two.png')) {
    it(`finds the code of another generator: ${name} (attack 36)`, async () => assert.equal(await readQr(fixture(name)), LINK))
  }

  it('finds the densest code there is (attack 36)', async () => {
    const text = 'x'.repeat(2_331)
    assert.equal(await readQr(qrPng(text)), text)
  })

  it('refuses to choose between two codes', () => assert.rejects(readQr(fixture('two.png')), refusal('several-codes')))

  it('says so when there is no code, in noise or in nothing (attack 36)', async () => {
    await assert.rejects(readQr(pngOfGrey(noise(1_000))), refusal('no-code'))
    await assert.rejects(readQr(pngOfGrey({ width: 300, height: 300, data: new Uint8Array(90_000).fill(255) })), refusal('no-code'))
    await assert.rejects(readQr(pngOfGrey({ width: 1, height: 1, data: new Uint8Array(1) })), refusal('no-code'))
  })

  it('refuses what is not a picture, or is one no more (attack 36)', async () => {
    const png = qrPng(LINK)
    const jpeg = fixture('noisy.jpg')
    const webp = fixture('lossy.webp')
    const others = [new Uint8Array(0), new TextEncoder().encode('DURE:A'), new TextEncoder().encode(qrSvg('A')), png.slice(0, 20), jpeg.slice(0, 30), webp.slice(0, 25)]
    for (const bytes of others) await assert.rejects(readQr(bytes), refusal('not-a-picture'))
    for (const bytes of [png.slice(0, png.length / 2), webp.slice(0, webp.length / 2)]) await assert.rejects(readQr(bytes), QrError)
  })

  it('refuses a picture larger than its limits before it is decoded (attack 30)', async () => {
    await assert.rejects(readQr(new Uint8Array(MAX_FILE_BYTES + 1)), refusal('too-large'))
    await assert.rejects(readQr(pngOf(6_400, 6_400, new Uint8Array(1))), refusal('too-large'))
    const jpeg = fixture('noisy.jpg').slice()
    const frame = Buffer.from(jpeg).indexOf(Buffer.from('ffc0', 'hex'))
    jpeg.fill(0xff, frame + 5, frame + 9)
    await assert.rejects(readQr(jpeg), refusal('too-large'))
    const webp = fixture('lossless.webp').slice()
    webp.fill(0xff, 21, 24)
    await assert.rejects(readQr(webp), QrError)
  })

  it('refuses a small picture that unfolds to a huge one (attack 30)', async () => {
    const bomb = pngOf(10, 10, new Uint8Array(200_000_000))
    assert.ok(bomb.length < 250_000)
    const before = process.memoryUsage().rss
    await assert.rejects(readQr(bomb), refusal('not-a-picture'))
    assert.ok(process.memoryUsage().rss - before < 50_000_000)
  })

  it('survives any damaged byte with the text or a clean error (attack 36)', async () => {
    const png = qrPng(LINK)
    for (let at = 5; at < png.length; at += Math.ceil(png.length / 6)) {
      const damaged = png.slice()
      damaged[at] = (damaged[at] as number) ^ 0x55
      const read = await readQr(damaged).catch((error: unknown) => error)
      assert.ok(read instanceof QrError || read === LINK, String(read))
    }
  })
})

if (missingTools.length > 0) {
  console.log(`qr: ${missingTools.join(', ')} missing; the codes were not tested against an independent reader and generator`)
} else {
  describe('an independent reader', () => {
    for (const text of TEXTS) {
      it(`reads our PNG, SVG and terminal: ${text.slice(0, 20)}`, () => {
        assert.deepEqual(zbar(qrPng(text), 'png'), [text])
        const svg = new TextEncoder().encode(qrSvg(text))
        assert.deepEqual(zbar(converted('rsvg-convert', ['IN', '-o', 'OUT'], { bytes: svg, extension: 'svg' }, 'png'), 'png'), [text])
        for (const theme of ['dark', 'light'] as const) assert.deepEqual(zbar(pngOfGrey(screenshot(qrText(text), theme)), 'png'), [text])
        assert.deepEqual(zbar(pngOfGrey(screenshot(qrText(text, { colour: false }), 'dark')), 'png'), [text])
      })
    }
  })

  describe('codes of an independent generator', () => {
    const source = { bytes: missingTools.length > 0 ? new Uint8Array(0) : qrencoded(LINK, '-s', '6'), extension: 'png' }
    const treatments: [string, string, ...string[]][] = [
      ...[9, 45, 90, 211].map((angle): [string, string, ...string[]] => [`turned by ${angle}°`, 'png', '-background', 'white', '-rotate', `${angle}`]),
      ['blurred', 'jpg', '-blur', '0x2.2', '-quality', '70'],
      ['small', 'png', '-resize', '33%'],
      ['large', 'jpg', '-resize', '500%'],
      ['compressed hard', 'jpg', '-quality', '12'],
      ['compressed hard', 'webp', '-quality', '12'],
      ['in sixteen bits', 'png', '-depth', '16'],
      ['interlaced', 'png', '-interlace', 'PNG'],
      ['in a palette', 'png', '-type', 'palette'],
      ['for printing', 'jpg', '-colorspace', 'CMYK'],
      ['without a background', 'webp', '-transparent', 'white'],
      ['seen from the side', 'jpg', '-bordercolor', 'white', '-border', '60', '-virtual-pixel', 'gray', '-distort', 'Perspective', '0,0 80,60  470,0 390,90  0,470 30,440 470,470 440,400'],
      ['unevenly lit', 'jpg', '(', '-size', '378x378', 'gradient:white-gray30', ')', '-compose', 'multiply', '-composite'],
    ]
    for (const [name, extension, ...args] of treatments) {
      it(`are read ${name}, from ${extension} (attack 36)`, async () => {
        assert.equal(await readQr(converted('convert', ['IN', ...args, 'OUT'], source, extension)), LINK)
      })
    }

    it('are read with any text, correction and version', async () => {
      for (const text of TEXTS) {
        for (const options of [['-l', 'L'], ['-l', 'H'], ['-v', '30'], ['-8', '-l', 'Q']]) assert.equal(await readQr(qrencoded(text, ...options)), text)
      }
    })
  })
}
