import path from 'node:path'
import { mkdirSync } from 'node:fs'
const T = '/work/wt/words-east'
const { buildPage, openBrowser, openWindow } = await import(`${T}/test/support/browser.ts`)
const { Home, pairHomes, eventually } = await import(`${T}/test/support/processes.ts`)
const langs = (process.argv[2] ?? 'ja,zh,th,id,tr').split(',')
buildPage()
const browser = await openBrowser()
const [a, b, fresh] = [new Home(), new Home(), new Home()]
try {
  await Promise.all([a.startInPage('--name', 'Jun'), b.startInPage('--name', 'Ayşe'), fresh.startInPage()])
  await pairHomes(a, b, { a: 'Jun', b: 'Ayşe' })
  await a.json('send', 'Ayşe', 'ที่นี่อากาศดีมาก น้ำปั่นป่วน ผู้ใหญ่ยิ้ม')
  await b.json('send', 'Jun', '骨直门返 今日は雨です。 また明日!')
  await a.json('send', 'Ayşe', 'İstanbul’da hava güzel, yarın görüşürüz')
  await a.json('channel', 'create', 'Bakery')
  await a.json('channel', 'post', 'Bakery', '--title', 'Open night', '--event', '2030-12-24 18:00..2030-12-24 22:00', '--place', 'Mapo 12', 'Come by')
  await a.json('channel', 'post', 'Bakery', '--offer', '2026-01-01..2030-12-24', '--terms', 'one each', 'Two for one')
  const [channel] = await a.json('channel', 'list')
  const [contact] = await a.json('contacts')
  await b.json('invite')
  const PHONE = { viewport: { width: 390, height: 844 } }
  const w = await openWindow(browser, a, PHONE)
  const f = await openWindow(browser, fresh, PHONE)
  const problems = async (page: any, name: string) => {
    const found = await page.evaluate(() => {
      const out: string[] = []
      for (const el of document.querySelectorAll('body *')) {
        const box = el.getBoundingClientRect()
        const style = getComputedStyle(el)
        if (box.width === 0 || el.closest('.visually-hidden')) continue
        const text = [...el.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent!.trim()).join('')
        if (text === '') continue
        if (box.right > innerWidth + 1 || box.left < -1) out.push(`outside: ${text.slice(0, 60)}`)
        if (el.scrollWidth > el.clientWidth + 1 && el.clientWidth > 0 && style.overflowX !== 'visible') out.push(`cut: ${text.slice(0, 60)}`)
        if (el.scrollHeight > el.clientHeight + 3 && el.clientHeight > 0 && style.overflowY === 'hidden') out.push(`cut high: ${text.slice(0, 60)}`)
      }
      return out
    })
    for (const each of found) console.log(name, each)
  }
  const views: [string, any][] = [
    ['inbox', { at: 'inbox' }], ['talk', { at: 'talk', account: (contact as any).account }], ['contact', { at: 'contact', account: (contact as any).account }], ['safety', { at: 'safety', account: (contact as any).account }],
    ['show', { at: 'show-code' }], ['scan', { at: 'scan' }], ['search', { at: 'search' }], ['settings', { at: 'settings' }], ['follow', { at: 'follow' }], ['new', { at: 'channel-new' }],
    ...['channel', 'channel-about', 'channel-proof', 'channel-share', 'channel-run', 'channel-staff', 'channel-words', 'channel-compose'].map((at): [string, any] => [at, { at, id: (channel as any).id }]),
  ]
  for (const lang of langs) {
    mkdirSync(`/tmp/shots/${lang}`, { recursive: true })
    for (const { page } of [w, f]) await page.evaluate(([key, lang]: string[]) => localStorage.setItem(key!, lang!), [process.env.KEY!, lang])
    for (const [name, place] of views) {
      await w.page.evaluate((place: any) => { history.replaceState(place, '', `#/${place.at === 'inbox' ? '' : place.at}`); location.reload() }, place)
      await w.page.waitForLoadState('load')
      await w.page.waitForFunction((lang: string) => document.documentElement.lang === lang, lang)
      await w.page.waitForTimeout(900)
      await problems(w.page, `${lang} ${name}`)
      const full = ['settings', 'channel-about', 'channel-proof', 'channel-run', 'channel-compose', 'contact', 'new', 'channel-share', 'follow'].includes(name)
      if (full) {
        const height = await w.page.evaluate(() => Math.max(...[...document.querySelectorAll('*')].map((e) => e.scrollHeight)))
        await w.page.setViewportSize({ width: 390, height: Math.min(3000, height + 120) })
        await w.page.waitForTimeout(150)
      }
      await w.page.screenshot({ path: `/tmp/shots/${lang}/${name}.png` })
      if (full) await w.page.setViewportSize({ width: 390, height: 844 })
    }
    await f.page.reload()
    await f.page.waitForFunction((lang: string) => document.documentElement.lang === lang, lang)
    await f.page.waitForTimeout(700)
    await problems(f.page, `${lang} welcome`)
    await f.page.screenshot({ path: `/tmp/shots/${lang}/welcome.png` })
  }
  console.log('faults', w.faults, f.faults)
} finally {
  await browser.close()
  await Promise.all([a, b, fresh].map((home: any) => home.remove()))
}
