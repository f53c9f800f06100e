// F12 marks and measures with every form of start and end
const t=(f,...l)=>{try{const r=f();console.log(f.toString().slice(4),'=>',r)}catch(e){console.log(f.toString().slice(4),'!!',e&&e.constructor&&e.constructor.name,e.name,e.code)}};
const p=performance;
p.mark('a',{startTime:10}); p.mark('b',{startTime:30,detail:{x:[1]}}); p.mark('a',{startTime:20});
t(()=>p.measure('m','a','b')); t(()=>p.measure('m2',{start:'a',duration:5})); t(()=>p.measure('m3',{end:'b',duration:5}));t(()=>p.measure('m4',{start:1.5,end:3,detail:'d'}));
 t(()=>p.measure('m5','b','a').duration); t(()=>p.measure('z','none')); t(()=>p.measure('z','a','none')); t(()=>p.measure('z',{start:-1,end:5})); t(()=>p.measure('z',{start:1,end:-5})); t(()=>p.measure('z',{start:1,end:5,duration:2})); t(()=>p.measure('z',{start:1},'a'));
t(()=>p.measure('z',undefined,'b').startTime); t(()=>p.measure('z',{},'b').duration); t(()=>p.measure()); t(()=>p.mark()); t(()=>p.mark('x',{startTime:-1})); t(()=>p.mark('x',5)); t(()=>p.mark('x',{detail:()=>1})); t(()=>p.mark(Symbol()));
t(()=>p.mark('u',{detail:undefined,startTime:1}).detail); t(()=>p.mark('u',{detail:null,startTime:1}).detail);t(()=>p.mark('u',{detail:0,startTime:1}).detail);
t(()=>p.getEntries().map(e=>e.name+e.startTime)); t(()=>p.getEntriesByType('mark').length); t(()=>p.getEntriesByType('measure').length); t(()=>p.getEntriesByType('x').length); t(()=>p.getEntriesByName('a').length); t(()=>p.getEntriesByName('a','measure').length); t(()=>p.getEntriesByName('a','mark')[0]===p.getEntriesByName('a')[0]);
t(()=>p.getEntriesByName()); t(()=>p.getEntriesByType());
t(()=>p.clearMarks('a')); t(()=>p.measure('z','a')); t(()=>p.getEntriesByType('mark').map(e=>e.name)); t(()=>p.clearMarks()); t(()=>p.getEntries().every(e=>e.entryType==='measure')); t(()=>p.clearMeasures('m')); t(()=>p.clearMeasures()); t(()=>p.getEntries());
t(()=>new PerformanceMark('q',{startTime:4})); t(()=>p.getEntries().length); t(()=>new PerformanceMeasure()); t(()=>new PerformanceEntry()); t(()=>new Performance()); t(()=>PerformanceMark('x'));
t(()=>JSON.stringify(new PerformanceMark('q',{startTime:4,detail:{a:1}}))); t(()=>Object.prototype.toString.call(p)); 
t(()=>require('perf_hooks').performance===p); t(()=>typeof p.now()+typeof p.timeOrigin); t(()=>Math.abs(p.timeOrigin+p.now()-Date.now())<5);
t(()=>new PerformanceMark()); t(()=>p.measure('k','').name);
