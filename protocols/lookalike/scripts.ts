/** Writing systems in one word: UTS #39, section 5.1 and the level "highly restrictive" of section 5.2. */

/** ISO 15924 codes of Unicode 17. An older engine does not know the newest; words in those then count as mixed. */
const CODES = `
Latn Cyrl Grek Hang Hani Arab Hebr Deva Thai Adlm Aghb Ahom Armi Armn Avst Bali Bamu Bass Batk Beng Berf Bhks Bopo Brah Brai Bugi Buhd Cakm
Cans Cari Cham Cher Chrs Copt Cpmn Cprt Diak Dogr Dsrt Dupl Egyp Elba Elym Ethi Gara Geor Glag Gong Gonm Goth Gran Gujr Gukh Guru Hano Hatr
Hira Hluw Hmng Hmnp Hung Ital Java Kali Kana Kawi Khar Khmr Khoj Kits Knda Krai Kthi Lana Laoo Lepc Limb Lina Linb Lisu Lyci Lydi Mahj Maka
Mand Mani Marc Medf Mend Merc Mero Mlym Modi Mong Mroo Mtei Mult Mymr Nagm Nand Narb Nbat Newa Nkoo Nshu Ogam Olck Onao Orkh Orya Osge Osma
Ougr Palm Pauc Perm Phag Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb Saur Sgnw Shaw Shrd Sidd Sidt Sind Sinh Sogd Sogo Sora Soyo Sund
Sunu Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Tayo Telu Tfng Tglg Thaa Tibt Tirh Tnsa Todr Tols Toto Tutg Ugar Vaii Vith Wara Wcho Xpeo
Xsux Yezi Yiii Zanb`.trim().split(/\s+/)

/** Japanese, Chinese with Bopomofo, Korean: each with the Latin letters that people write into it. */
const TOGETHER = [
  ['Latn', 'Hani', 'Hira', 'Kana'],
  ['Latn', 'Hani', 'Bopo'],
  ['Latn', 'Hani', 'Hang'],
]
/** Digits, signs, emoji; marks that take the script of what they stand on. */
const EVERYWHERE = ['Zyyy', 'Zinh']

let systems: readonly RegExp[] | undefined

/** True where a word takes its letters from scripts that are not written together. Each word may have a script of its own. */
export function mixedScript(text: string): boolean {
  systems ??= [...CODES.map((code) => [code]), ...TOGETHER].flatMap(writtenIn)
  return text.normalize('NFD').split(/\s+/).some((word) => !systems?.some((system) => system.test(word)))
}

/** What matches words of these scripts alone; none where the engine does not know one. */
function writtenIn(scripts: readonly string[]): RegExp[] {
  try {
    return [new RegExp(`^[${[...scripts, ...EVERYWHERE].map((script) => `\\p{Script_Extensions=${script}}`).join('')}]*$`, 'u')]
  } catch {
    return []
  }
}
