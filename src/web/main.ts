import './design/tokens.css'
import './design/base.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { node } from './state/node.svelte.ts'
import { router } from './state/router.svelte.ts'
import { settings } from './state/settings.svelte.ts'

const opened = node.open()
await settings.begin()
router.begin()
const target = document.getElementById('page')
if (target) mount(App, { target })
await opened
