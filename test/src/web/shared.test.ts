import assert from 'node:assert/strict'
import { emptyForm } from '../../../src/web/state/post-form.ts'
import { asMessage, inPost, sharedIn } from '../../../src/web/state/shared.ts'

describe('a link by which a website hands something over', () => {
  it('says a text, an address or both', () => {
    assert.deepEqual(sharedIn('web+dure:share?text=Fresh%20bread+today&url=https%3A%2F%2Fbakery.example%2F%3Fa%3D1%26b'), { text: 'Fresh bread today', url: 'https://bakery.example/?a=1&b' })
    assert.deepEqual(sharedIn('web+dure://share/?text=%EC%95%88%EB%85%95'), { text: '안녕' })
    assert.deepEqual(sharedIn('WEB+DURE:share?url=javascript:alert(1)&admin=true'), { url: 'javascript:alert(1)' }) // which the node refuses
    assert.deepEqual(sharedIn('web+dure:share?'), {})
    assert.deepEqual(sharedIn('web+dure:share?text=%ff%'), { text: '\ufffd%' })
  })

  it('is no code, and a code is none of these', () => {
    for (const link of ['web+dure:ABCD', 'DURE:share?text=x', 'web+dure:sharex?text=x', 'web+dure:share', 'https://bakery.example/share?text=x', '']) assert.equal(sharedIn(link), undefined, link)
  })

  const handed = { text: 'Fresh bread', url: 'https://bakery.example/' }

  it('becomes a message of the person’s words, the text and the address', () => {
    assert.equal(asMessage(handed, ' look! '), 'look!\nFresh bread\nhttps://bakery.example/')
    assert.equal(asMessage({ text: 'see https://bakery.example/', url: 'https://bakery.example/' }, ''), 'see https://bakery.example/')
    assert.equal(asMessage({ text: '' }, 'only words'), 'only words')
  })

  it('stands below what was begun to be posted, and takes nothing away from it', () => {
    const begun = { ...emptyForm(), title: 'Open night', text: 'Come by', links: 'https://one.example/' }
    assert.deepEqual(inPost(begun, handed, 'and this'), { ...begun, text: 'Come by\nand this\nFresh bread', links: 'https://one.example/\nhttps://bakery.example/' })
    assert.deepEqual(inPost(emptyForm(), { text: 'x' }, ''), { ...emptyForm(), text: 'x' })
  })
})
