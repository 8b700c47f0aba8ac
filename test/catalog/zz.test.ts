import {it} from 'vitest'; import {definitionsJsonSchema} from '../../src/catalog/jsonSchema.js';
it('x',()=>{const s=definitionsJsonSchema('plans');console.log(JSON.stringify(s,null,1).slice(0,100000))})
